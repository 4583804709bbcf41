import { type Column, LongTable } from "../list/LongTable";
import { linkTo, usePlace } from "../place/usePlace";
import { Tag } from "../tag/Tag";
import { Key } from "../tag/Key";
import { Differs } from "./Differs";
import styles from "./Tracker.module.css";
import { comes, type Row } from "./tree";
import { safeLink, STANDS } from "./words";

interface Props {
  rows: Row[] | undefined;
  chosen: ReadonlySet<string>;
  subtasks: boolean;
  toggle: (id: string) => void;
  open: readonly string[];
  fold: (id: string) => void;
  empty: string;
  more: (() => void) | undefined;
  loadingMore: boolean;
}

/** Their tasks to choose from, and how each stands here. */
export function TaskTable({ rows, chosen, subtasks, toggle, open, fold, empty, more, loadingMore }: Props) {
  const columns: Column<Row>[] = [
    {
      head: "Task",
      title: true,
      cell: (row) => (
        <Name
          row={row}
          how={comes(row, chosen, subtasks)}
          toggle={() => toggle(row.item.external_id)}
          opened={open.includes(row.item.external_id)}
          fold={() => fold(row.item.external_id)}
        />
      ),
    },
    { head: "There", cell: ({ item }) => <There url={item.url} done={item.done} /> },
    { head: "Here", cell: ({ item }) => <Here item={item} /> },
  ];
  return (
    <div className={`${styles.list} ${rows !== undefined && rows.length < 12 ? styles.short : ""}`}>
      <LongTable
        caption="Their tasks"
        columns={columns}
        rows={rows}
        rowKey={({ item }) => item.external_id}
        empty={empty}
        total={rows?.length}
        error={null}
        again={() => undefined}
        more={more}
        loadingMore={loadingMore}
      />
    </div>
  );
}

interface NameProps {
  row: Row;
  how: ReturnType<typeof comes>;
  toggle: () => void;
  opened: boolean;
  fold: () => void;
}

function Name({ row: { item, depth }, how, toggle, opened, fold }: NameProps) {
  const parts = depth === 0 && item.subtasks !== 0;
  return (
    <span className={styles.name} style={{ "--depth": depth } as React.CSSProperties}>
      {parts ? (
        <button
          type="button"
          className={styles.unfold}
          aria-expanded={opened}
          aria-label={`Subtasks of ${item.title}`}
          onClick={fold}
        >
          {opened ? "▾" : "▸"}
        </button>
      ) : (
        <span className={styles.leaf} />
      )}
      <input
        type="checkbox"
        aria-label={item.title}
        checked={how !== null}
        disabled={how === "along"}
        title={how === "along" ? "It comes with the task that it is a part of" : undefined}
        onChange={toggle}
      />
      <span>
        {item.title}
        {depth === 0 && item.subtasks ? <span className={styles.told}> · {partsWords(item.subtasks)}</span> : null}
      </span>
    </span>
  );
}

const partsWords = (count: number): string => (count === 1 ? "1 subtask" : `${count} subtasks`);

function There({ url, done }: { url: string; done: boolean }) {
  const link = safeLink(url);
  return (
    <span className={styles.here}>
      {done ? <Tag tone="ok">done</Tag> : <span>open</span>}
      {link !== null && (
        <a className={styles.link} href={link} target="_blank" rel="noreferrer">
          look
        </a>
      )}
    </span>
  );
}

function Here({ item }: { item: Row["item"] }) {
  const place = usePlace();
  const { words, tone } = STANDS[item.verdict];
  return (
    <span className={styles.here}>
      {item.task_id !== null && item.key !== null && item.verdict !== "deleted" && (
        <a className={styles.link} {...linkTo(place, { task: item.task_id })}>
          <Key>{item.key}</Key>
        </a>
      )}
      <Tag tone={tone}>{words}</Tag>
      {item.differs.length > 0 && (
        <details>
          <summary className={styles.told}>What differs</summary>
          <Differs differs={item.differs} />
        </details>
      )}
    </span>
  );
}
