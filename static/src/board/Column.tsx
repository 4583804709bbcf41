import type { Column } from "../api/types";
import { BoardCard } from "./Card";
import styles from "./Column.module.css";
import { countWords, noteWords } from "./words";

const SHOWN_DONE = 20;

/** One stage. Without a task it folds to a strip, so that the eye meets only what there is. */
export function BoardColumn({ column, final }: { column: Column; final: boolean }) {
  const tasks = final ? column.tasks.slice(0, SHOWN_DONE) : column.tasks;
  const folded = tasks.length === 0;
  const note = noteWords(column);
  return (
    <section
      className={styles.column}
      data-stage={column.stage}
      data-folded={folded || undefined}
      aria-label={`${column.title}, ${column.tasks.length}`}
    >
      <h2 className={styles.head}>
        {column.title} <span>{folded ? 0 : countWords(column, final)}</span>
        {note && <em>{note}</em>}
      </h2>
      {!folded && (
        <ul className={styles.cards}>
          {tasks.map((task) => (
            <li key={task.id} data-glide={task.id}>
              <BoardCard card={task} />
            </li>
          ))}
        </ul>
      )}
      {final && column.tasks.length > SHOWN_DONE && (
        <p className={styles.more}>and {column.tasks.length - SHOWN_DONE} more</p>
      )}
    </section>
  );
}
