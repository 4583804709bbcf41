import type { ReactNode } from "react";
import styles from "./Metrics.module.css";

export interface Column<R> {
  words: string;
  /** A number: to the right. */
  right?: boolean;
  of: (row: R) => ReactNode;
}

interface TableProps<R> {
  caption: string;
  rows: R[];
  columns: Column<R>[];
  keyOf: (row: R) => string;
}

export function Table<R>({ caption, rows, columns, keyOf }: TableProps<R>) {
  return (
    // a table that is wider than a phone is scrolled, with the keys too
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={`${caption}: the table`}>
      <table className={styles.table}>
        <caption className="wf-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ words, right }) => (
              <th key={words} scope="col" data-right={right}>
                {words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ words, right, of }, place) =>
                place === 0 ? (
                  <th key={words} scope="row">
                    {of(row)}
                  </th>
                ) : (
                  <td key={words} data-right={right}>
                    {of(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
