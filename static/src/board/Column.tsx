import { useEffect, useRef, useState } from "react";
import type { Column } from "../api/types";
import { useCarried } from "./carry";
import { CardItem } from "./CardItem";
import styles from "./Column.module.css";
import type { DragEngine } from "./drag";
import { ManyCards } from "./ManyCards";
import type { Which } from "./queries";
import { countWords, noteWords } from "./words";

/** From so many on only those in sight are drawn. */
const MANY = 40;

export interface ColumnProps {
  column: Column;
  which: Which;
  /** Null where the board is not divided. */
  lane: string | null;
  final: boolean;
  engine: DragEngine | null;
}

/** One stage. Without a task it folds to a strip, so that the eye meets only what there is. */
export function BoardColumn({ column, which, lane, final, engine }: ColumnProps) {
  const place = useRef<HTMLElement>(null);
  // an element and not a ref: a long column can be drawn only once it is there
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const over = useCarried((held) => held?.stage === column.stage);
  const note = noteWords(column);
  const folded = column.tasks.length === 0 && column.next === null;
  useEffect(() => {
    if (engine && place.current) return engine.column(place.current, lane ?? "all", column.stage);
  }, [engine, lane, column.stage]);
  const asked = JSON.stringify(which.asked);
  useEffect(() => {
    scroller?.scrollTo({ top: 0 });
  }, [scroller, asked]);
  return (
    <section
      ref={place}
      className={styles.column}
      data-stage={column.stage}
      data-folded={folded || undefined}
      data-over={over || undefined}
      aria-label={`${column.title}, ${column.total}`}
    >
      <h2 className={styles.head} data-above={column.over || undefined}>
        {column.title} <span>{countWords(column, final, lane !== null)}</span>
        {note && <em>{note}</em>}
      </h2>
      {!folded && (
        <div ref={setScroller} className={styles.scroller} data-scroller>
          {column.tasks.length > MANY || column.next !== null ? (
            <ManyCards column={column} which={which} scroller={scroller} engine={engine} />
          ) : (
            <ul className={styles.cards}>
              {column.tasks.map((card) => (
                <CardItem key={card.id} card={card} engine={engine} />
              ))}
            </ul>
          )}
        </div>
      )}
    </section>
  );
}
