import { Button } from "@mantine/core";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect } from "react";
import type { Column } from "../api/types";
import { asProblem } from "../api/problem";
import { CardItem } from "./CardItem";
import { useCarried } from "./carry";
import styles from "./Column.module.css";
import type { DragEngine } from "./drag";
import { useMore, type Which } from "./queries";

const GUESS = 92;
const GAP = 8;
const BEYOND = 6;
/** So many cards before the end of what is read, more is asked for. */
const AHEAD = 20;
const PIECE = 100;
const LARGEST_PIECE = 500;

interface Props {
  column: Column;
  which: Which;
  scroller: HTMLElement | null;
  engine: DragEngine | null;
}

/** A long column: only the cards in sight are drawn, and the one that is being dragged; those that are not read yet
 * have their room, and come when one scrolls to it. */
export function ManyCards({ column, which, scroller, engine }: Props) {
  const { tasks: cards, next, total } = column;
  const held = useCarried((now) => now?.card.id ?? null);
  const at = held === null ? -1 : cards.findIndex((card) => card.id === held);
  const count = next === null ? cards.length : Math.max(total, cards.length + 1);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoized by a compiler
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    getItemKey: useCallback((index: number) => cards[index]?.id ?? `at ${index}`, [cards]),
    estimateSize: () => GUESS,
    gap: GAP,
    overscan: BEYOND,
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return at >= 0 && !shown.includes(at) ? [...shown, at].sort((one, other) => one - other) : shown;
    },
  });
  const items = virtual.getVirtualItems();
  const { mutate, isPending, error, submittedAt } = useMore(which, column.stage);
  const missing = next === null ? 0 : (items.at(-1)?.index ?? 0) + AHEAD - cards.length;
  useEffect(() => {
    if (missing > 0 && !isPending && error === null) mutate(Math.min(LARGEST_PIECE, Math.max(PIECE, missing)));
  }, [missing, isPending, error, mutate, submittedAt, cards]);
  return (
    <>
      <ul className={styles.many} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const card = cards[index];
          return card ? (
            <CardItem
              key={key}
              card={card}
              engine={engine}
              measured={{ ref: virtual.measureElement, index, style: { top: start } }}
            />
          ) : (
            <li key={key} className={styles.coming} style={{ top: start, height: GUESS }} aria-hidden="true" />
          );
        })}
      </ul>
      {error !== null && (
        <p className={styles.failed} role="alert">
          {asProblem(error).message}
          <Button size="compact-xs" variant="default" loading={isPending} onClick={() => mutate(PIECE)}>
            Read on
          </Button>
        </p>
      )}
    </>
  );
}
