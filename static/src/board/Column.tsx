import { useEffect, useRef } from "react";
import type { Card, Column } from "../api/types";
import { useCarried } from "./carry";
import { CardItem } from "./CardItem";
import styles from "./Column.module.css";
import type { DragEngine } from "./drag";
import { ManyCards } from "./ManyCards";
import { countWords, noteWords } from "./words";

/** From so many on only those in sight are drawn. */
const MANY = 40;

export interface ColumnProps {
  column: Column;
  cards: Card[];
  lane: string;
  final: boolean;
  engine: DragEngine | null;
}

/** One stage. Without a task it folds to a strip, so that the eye meets only what there is. */
export function BoardColumn({ column, cards, lane, final, engine }: ColumnProps) {
  const place = useRef<HTMLElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const over = useCarried((held) => held?.stage === column.stage);
  const note = noteWords(column);
  const folded = cards.length === 0;
  useEffect(() => {
    if (engine && place.current) return engine.column(place.current, lane, column.stage);
  }, [engine, lane, column.stage]);
  return (
    <section
      ref={place}
      className={styles.column}
      data-stage={column.stage}
      data-folded={folded || undefined}
      data-over={over || undefined}
      aria-label={`${column.title}, ${cards.length}`}
    >
      <h2 className={styles.head} data-above={column.over || undefined}>
        {column.title} <span>{countWords(column, final)}</span>
        {note && <em>{note}</em>}
      </h2>
      {!folded && (
        <div ref={scroller} className={styles.scroller} data-scroller>
          {cards.length > MANY ? (
            <ManyCards cards={cards} scroller={scroller} engine={engine} />
          ) : (
            <ul className={styles.cards}>
              {cards.map((card) => (
                <CardItem key={card.id} card={card} engine={engine} />
              ))}
            </ul>
          )}
        </div>
      )}
    </section>
  );
}
