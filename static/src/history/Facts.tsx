import { Button, Skeleton } from "@mantine/core";
import { clock } from "../clock/words";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { factWords } from "../task/facts";
import styles from "./History.module.css";
import { type Asked, useHistory } from "./queries";
import { changesOf, eventOf, subjectOf } from "./words";

const TIME = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** Who did what, and what it changed. With `named`, each line says what it is about and leads there. */
export function Facts({ asked, named = false }: { asked: Asked; named?: boolean }) {
  const place = usePlace();
  const past = useHistory(asked);
  if (past.isPending) return <Skeleton height={160} radius={8} />;
  if (past.isError) return <ProblemNote error={past.error} again={() => void past.refetch()} />;
  const facts = past.data.pages.flatMap(({ items }) => items);
  const told = facts.flatMap((fact) => {
    const words = factWords(eventOf(fact));
    return words === null ? [] : [{ fact, words }];
  });
  if (facts.length === 0) return <p className={styles.none}>Nothing happened yet.</p>;
  return (
    <>
      <ol className={styles.list}>
        {told.map(({ fact, words }) => (
          <li key={fact.seq} className={styles.fact}>
            <time dateTime={fact.at} title={clock(fact.at)}>
              {TIME.format(new Date(fact.at))}
            </time>
            <div className={styles.said}>
              {named && fact.task_id !== null && (
                <a {...linkTo(place, { task: fact.task_id, tab: "history" })}>{subjectOf(fact) || "a task"}</a>
              )}
              {named && fact.task_id === null && subjectOf(fact) && <i>{subjectOf(fact)}</i>}
              <span>
                <b>{fact.who === "person" ? "you" : fact.who}</b> {words}
              </span>
              {fact.who === "person" &&
                changesOf(fact).map(({ field, before, after }) => (
                  <span key={field} className={styles.change}>
                    {field}: {before && <del>{before}</del>} {after ? <ins>{after}</ins> : <em>gone</em>}
                  </span>
                ))}
            </div>
          </li>
        ))}
      </ol>
      {past.hasNextPage && (
        <Button
          className={styles.earlier ?? ""}
          variant="default"
          onClick={() => void past.fetchNextPage()}
          loading={past.isFetchingNextPage}
        >
          Earlier
        </Button>
      )}
    </>
  );
}
