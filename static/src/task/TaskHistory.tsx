import { Skeleton } from "@mantine/core";
import type { Task } from "../api/types";
import { clock } from "../clock/words";
import { ProblemNote } from "../problem/ProblemNote";
import { useHandoffs, useTaskEvents } from "./queries";
import styles from "./TaskHistory.module.css";
import { factWords } from "./facts";

const TIME = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

const HANDOFFS: Record<string, string> = { created: ", who has not begun", failed: ", who sent it back" };

export function TaskHistory({ task }: { task: Task }) {
  const events = useTaskEvents(task);
  const handoffs = useHandoffs(task.id);
  if (events.isPending || handoffs.isPending) return <Skeleton height={160} radius={8} />;
  if (events.isError) return <ProblemNote error={events.error} again={() => void events.refetch()} />;
  const told = events.data.flatMap((event) => {
    const words = factWords(event);
    return words === null ? [] : [{ key: `e${event.seq}`, at: event.at, who: event.actor, words, tone: "" }];
  });
  const passed = (handoffs.data ?? []).map((handoff) => ({
    key: `h${handoff.id}`,
    at: handoff.created_at,
    who: handoff.from_stage,
    words: `hands on to ${handoff.to_stage.toUpperCase()}${HANDOFFS[handoff.state] ?? ""}`,
    tone: "handoff",
  }));
  const all = [...told, ...passed].sort((one, other) => one.at.localeCompare(other.at)).reverse();
  if (all.length === 0) return <p className={styles.none}>Nothing happened yet.</p>;
  return (
    <ol className={styles.list}>
      {all.map((fact) => (
        <li key={fact.key} className={styles.fact} data-tone={fact.tone}>
          <time dateTime={fact.at} title={clock(fact.at)}>
            {TIME.format(new Date(fact.at))}
          </time>
          <span>
            <b>{fact.who === "person" ? "you" : fact.who}</b> {fact.words}
          </span>
        </li>
      ))}
    </ol>
  );
}
