import { Button, Skeleton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./LongTable.module.css";

export interface Column<T> {
  /** Stands above the column, and before its value where rows are cards. */
  head: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand to the right. */
  number?: boolean;
  /** The first line of a card: without its head. */
  title?: boolean;
}

interface Props<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[] | undefined;
  rowKey: (row: T) => string | number;
  /** What is said where there is none. */
  empty: ReactNode;
  total: number | undefined;
  error: unknown;
  again: () => void;
  more: (() => void) | undefined;
  loadingMore: boolean;
}

const ROW_PX = 41;
const AHEAD = 12;

/** A table of which only the rows in sight are in the page, and that fetches more towards its end. On a phone its rows
 * are cards. */
export function LongTable<T>(props: Props<T>) {
  const { caption, columns, rows, rowKey, empty, total, error, again, more, loadingMore } = props;
  const box = useRef<HTMLDivElement>(null);
  const count = rows?.length ?? 0;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => (rows?.[index] === undefined ? index : rowKey(rows[index])),
    overscan: AHEAD,
  });
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more !== undefined && !loadingMore && count > 0 && last >= count - AHEAD && error == null) more();
  }, [more, loadingMore, count, last, error]);
  if (error != null && rows === undefined) return <ProblemNote error={error} again={again} />;
  if (rows === undefined) return <Skeleton height={320} radius={8} aria-label="Loading" />;
  if (rows.length === 0) return <p className={styles.empty}>{empty}</p>;
  const above = seen[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (seen.at(-1)?.end ?? 0);
  return (
    <div ref={box} className={styles.box} tabIndex={0} role="region" aria-label={caption}>
      <table className={styles.table} aria-rowcount={total ?? count}>
        <caption className="wf-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, number }) => (
              <th key={head} scope="col" data-number={number || undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && (
            <tr aria-hidden className={styles.gap}>
              <td colSpan={columns.length} style={{ height: above }} />
            </tr>
          )}
          {seen.map(({ index, key }) => {
            const row = rows[index];
            return (
              row !== undefined && (
                <tr key={String(key)} ref={virtual.measureElement} data-index={index} aria-rowindex={index + 1}>
                  {columns.map((column) => (
                    <Cell key={column.head} column={column} row={row} />
                  ))}
                </tr>
              )
            );
          })}
          {below > 0 && (
            <tr aria-hidden className={styles.gap}>
              <td colSpan={columns.length} style={{ height: below }} />
            </tr>
          )}
        </tbody>
      </table>
      {error != null && <ProblemNote error={error} again={again} />}
      {more !== undefined && error == null && (
        <Button variant="subtle" size="xs" loading={loadingMore} onClick={more} className={styles.more}>
          More
        </Button>
      )}
    </div>
  );
}

function Cell<T>({ column, row }: { column: Column<T>; row: T }) {
  const content = column.cell(row);
  return (
    <td
      data-head={column.title ? undefined : column.head}
      data-number={column.number || undefined}
      data-title={column.title || undefined}
      data-empty={content === null || content === "" || undefined}
    >
      {content}
    </td>
  );
}
