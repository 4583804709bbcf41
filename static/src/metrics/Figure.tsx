import { Skeleton, UnstyledButton } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./Metrics.module.css";
import { type Column, Table } from "./Table";

interface Asking<T> {
  data: T | undefined;
  error: unknown;
  isError: boolean;
  isPlaceholderData: boolean;
  refetch: () => unknown;
}

interface FigureProps<T, R> {
  title: string;
  /** What is counted, in which unit. */
  says: string;
  asking: Asking<T>;
  rowsOf: (data: T) => R[];
  /** Whether there is anything to draw. */
  isEmpty: (data: T) => boolean;
  /** How something comes to be there. */
  willCome: string;
  columns: Column<R>[];
  keyOf: (row: R) => string;
  csv: string;
  head?: (data: T) => ReactNode;
  choices?: ReactNode;
  chart: (data: T) => ReactNode;
  chartWords: (data: T) => string;
}

/** One figure: its chart, the same as a table, and the table as a file. */
export function Figure<T, R>(props: FigureProps<T, R>) {
  const { asking, title } = props;
  const [asTable, setAsTable] = useState(false);
  const name = useId();
  return (
    <section className={styles.figure} aria-labelledby={name} aria-busy={asking.isPlaceholderData}>
      <header className={styles.figureHead}>
        <h2 id={name} className={styles.figureTitle}>
          {title}
        </h2>
        {props.choices}
        <div className={styles.ways}>
          <UnstyledButton
            className={styles.way}
            aria-pressed={asTable}
            aria-label={`${title}: as a table`}
            onClick={() => setAsTable(!asTable)}
          >
            Table
          </UnstyledButton>
          <a className={styles.way} href={props.csv} download aria-label={`${title}: download as CSV`}>
            CSV
          </a>
        </div>
      </header>
      <p className={styles.says}>{props.says}</p>
      <Content {...props} asTable={asTable} />
    </section>
  );
}

function Content<T, R>({ asTable, ...props }: FigureProps<T, R> & { asTable: boolean }) {
  const { asking, title } = props;
  if (asking.isError) return <ProblemNote error={asking.error} again={() => void asking.refetch()} />;
  const { data } = asking;
  if (data === undefined) return <Skeleton height={220} radius={8} />;
  if (props.isEmpty(data)) return <p className={styles.none}>{props.willCome}</p>;
  return (
    <>
      {props.head && <p className={styles.total}>{props.head(data)}</p>}
      {asTable ? (
        <Table caption={title} rows={props.rowsOf(data)} columns={props.columns} keyOf={props.keyOf} />
      ) : (
        <div role="img" aria-label={props.chartWords(data)} className={styles.chart}>
          {props.chart(data)}
        </div>
      )}
    </>
  );
}
