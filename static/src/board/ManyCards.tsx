import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback } from "react";
import type { Card } from "../api/types";
import { CardItem } from "./CardItem";
import { useCarried } from "./carry";
import styles from "./Column.module.css";
import type { DragEngine } from "./drag";

const GUESS = 92;
const GAP = 8;
const BEYOND = 6;

interface Props {
  cards: Card[];
  scroller: RefObject<HTMLDivElement | null>;
  engine: DragEngine | null;
}

/** A long column: only the cards in sight are drawn, and the one that is being dragged. */
export function ManyCards({ cards, scroller, engine }: Props) {
  const held = useCarried((now) => now?.card.id ?? null);
  const at = held === null ? -1 : cards.findIndex((card) => card.id === held);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoized by a compiler
  const virtual = useVirtualizer({
    count: cards.length,
    getScrollElement: () => scroller.current,
    getItemKey: useCallback((index: number) => cards[index]?.id ?? index, [cards]),
    estimateSize: () => GUESS,
    gap: GAP,
    overscan: BEYOND,
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return at >= 0 && !shown.includes(at) ? [...shown, at].sort((one, other) => one - other) : shown;
    },
  });
  return (
    <ul className={styles.many} style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ index, key, start }) => {
        const card = cards[index];
        return (
          card && (
            <CardItem
              key={key}
              card={card}
              engine={engine}
              measured={{ ref: virtual.measureElement, index, style: { top: start } }}
            />
          )
        );
      })}
    </ul>
  );
}
