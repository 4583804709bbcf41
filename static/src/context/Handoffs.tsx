import { Skeleton } from "@mantine/core";
import type { Handoff, Task } from "../api/types";
import { clock } from "../clock/words";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import { useHandoffs } from "../task/queries";
import styles from "./Context.module.css";
import { useContext } from "./queries";
import { earlierWords, pointsOf } from "./words";

/** What each stage handed to the next: all of it, and older ones as the next agent is told of them. */
export function Handoffs({ task }: { task: Task }) {
  const handoffs = useHandoffs(task.id);
  const earlier = useContext(task.id).data?.earlier;
  return (
    <section className={styles.part} aria-labelledby="handoffs">
      <h3 id="handoffs">Handoffs</h3>
      {handoffs.isPending && <Skeleton height={60} radius={8} />}
      {handoffs.isError && <ProblemNote error={handoffs.error} again={() => void handoffs.refetch()} />}
      {handoffs.data?.length === 0 && <p className={styles.facts}>No stage has handed it on yet.</p>}
      {earlier?.text && (
        <details className={styles.section}>
          <summary>
            <span className={styles.title}>{earlierWords(earlier)}</span>
          </summary>
          <pre className={styles.text} tabIndex={0}>
            {earlier.text}
          </pre>
        </details>
      )}
      <ol className={styles.notes}>
        {handoffs.data?.toReversed().map((handoff) => (
          <One key={handoff.id} handoff={handoff} />
        ))}
      </ol>
    </section>
  );
}

function One({ handoff }: { handoff: Handoff }) {
  const { from_stage, to_stage, state, summary, note, created_at } = handoff;
  return (
    <li className={styles.note}>
      <span className={styles.facts}>
        <b>
          {from_stage.toUpperCase()} → {to_stage.toUpperCase()}
        </b>{" "}
        <Tag tone={state === "failed" ? "bad" : state === "completed" ? "ok" : "plain"}>{state}</Tag>{" "}
        <time dateTime={created_at}>{clock(created_at)}</time>
      </span>
      {summary && <span className={styles.words}>{summary}</span>}
      {note && <span className={styles.words}>{note}</span>}
      {pointsOf(handoff.data).map(({ title, points }) => (
        <span key={title} className={styles.words}>
          <b>{title}:</b> {points.join("; ")}
        </span>
      ))}
    </li>
  );
}
