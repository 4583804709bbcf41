import { Button, Skeleton } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { InboxItem } from "../api/types";
import { useCommand } from "../command/useCommand";
import { part } from "../part/part";
import { go, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useProject } from "../project/queries";
import { Key } from "../tag/Key";
import { Bulk } from "./Bulk";
import { Detail } from "./Detail";
import styles from "./Inbox.module.css";
import { Row } from "./Row";
import { useInbox } from "./queries";
import { nextAfter } from "./words";

const NotifyDialog = part(() => import("../notify/NotifyDialog"));

/** All that waits for the person: the list at the left, what it is about and the decision at the right. */
export function Inbox() {
  const project = useProject();
  const inbox = useInbox(project?.id ?? null);
  const items = inbox.data?.items ?? [];
  const [telling, setTelling] = useState(false);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1 className={styles.title}>Waits for you</h1>
        <Button variant="subtle" size="compact-sm" onClick={() => setTelling(true)}>
          Notifications
        </Button>
      </header>
      {inbox.isPending && <Skeleton height={72} radius={8} />}
      {inbox.isError && <ProblemNote error={inbox.error} again={() => void inbox.refetch()} />}
      {inbox.data?.count === 0 && (
        <p className={styles.empty}>Nothing waits for you. The team goes on by itself until it needs your word.</p>
      )}
      {items.length > 0 && <Both items={items} count={inbox.data?.count ?? 0} />}
      {telling && <NotifyDialog close={() => setTelling(false)} />}
    </div>
  );
}

function Both({ items, count }: { items: InboxItem[]; count: number }) {
  const place = usePlace();
  const keys = items.map(({ key }) => key);
  const marked = useMarked(keys, place.item);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const list = useRef<HTMLUListElement>(null);
  const picked = items.filter(({ key }) => chosen.includes(key));
  const current = items.find(({ key }) => key === marked) ?? null;

  const step = (by: number) => {
    const at = marked === null ? -1 : keys.indexOf(marked);
    const to = keys[Math.min(Math.max(at + by, 0), keys.length - 1)];
    if (to === undefined) return;
    go({ item: to }, "replace");
    list.current?.querySelector(`[data-item="${CSS.escape(to)}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const choose = (key: string) =>
    setChosen((before) => (before.includes(key) ? before.filter((one) => one !== key) : [...before, key]));
  useCommand({ words: "Next item", group: "Inbox", keys: "j", run: () => step(1) });
  useCommand({ words: "Previous item", group: "Inbox", keys: "k", run: () => step(-1) });
  useCommand({ words: "Choose the item", group: "Inbox", keys: "x", run: () => marked !== null && choose(marked) });
  return (
    <div className={styles.both} data-open={place.item !== null || undefined}>
      <section className={styles.side} aria-label="What waits">
        <ul className={styles.list} ref={list}>
          {items.map((item) => (
            <Row
              key={item.key}
              item={item}
              on={item.key === marked}
              chosen={chosen.includes(item.key)}
              choose={() => choose(item.key)}
            />
          ))}
        </ul>
        {count > items.length && <p className={styles.more}>and {count - items.length} more, of less weight</p>}
        {picked.length > 0 ? (
          <Bulk items={picked} clear={() => setChosen([])} />
        ) : (
          <p className={styles.keys}>
            <Key>J</Key> <Key>K</Key> next, previous · <Key>E</Key> read · <Key>A</Key> go on · <Key>R</Key> refuse ·{" "}
            <Key>X</Key> choose several
          </p>
        )}
      </section>
      {current && <Detail key={current.key} item={current} />}
    </div>
  );
}

/** The item that is looked at: what the address names; when it is decided, the one that came after it. */
function useMarked(keys: string[], named: string | null): string | null {
  const joined = keys.join("\n");
  const [seen, setSeen] = useState({ joined: "", named, marked: null as string | null });
  let marked = seen.marked;
  if (seen.joined !== joined || seen.named !== named) {
    marked = nextAfter(seen.joined.split("\n"), keys, named);
    setSeen({ joined, named, marked });
  }
  useEffect(() => {
    if (named !== null && marked !== named) go({ item: marked }, "replace");
  }, [named, marked]);
  return marked;
}
