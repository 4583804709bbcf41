import { Button } from "@mantine/core";
import { useState } from "react";
import type { Decided, DecisionWord, InboxItem } from "../api/types";
import { tellDone } from "../problem/tell";
import { Asking } from "./Decide";
import styles from "./Inbox.module.css";
import { useDecisions } from "./queries";
import { resultWords, shared, wayOf } from "./words";

/** One word on several; what was not done is told for each. */
export function Bulk({ items, clear }: { items: InboxItem[]; clear: () => void }) {
  const [asking, setAsking] = useState<DecisionWord | null>(null);
  const [results, setResults] = useState<Decided[]>([]);
  const titles = new Map(items.map(({ key, title }) => [key, title]));
  const decide = useDecisions((told) => {
    setAsking(null);
    const { title, refused } = resultWords(told.map((one) => ({ ...one, item: titles.get(one.item) ?? one.item })));
    if (refused.length === 0) {
      tellDone(title);
      clear();
    } else setResults(told.map((one) => ({ ...one, item: titles.get(one.item) ?? one.item })));
  });
  const ways = shared(items);
  const told = results.length > 0 ? resultWords(results) : null;
  return (
    <section className={styles.bulk} aria-label="Several at once">
      <p className={styles.count}>
        <b>{items.length} chosen</b>
        <Button variant="subtle" size="compact-sm" onClick={clear}>
          Choose none
        </Button>
      </p>
      {told && (
        <div role="alert" className={styles.fault}>
          <p>{told.title}</p>
          <ul>
            {told.refused.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      )}
      {asking !== null ? (
        <Asking
          key={asking}
          decision={asking}
          busy={decide.isPending}
          back={() => setAsking(null)}
          say={(note) => decide.mutate({ items, said: { decision: asking, note } })}
        />
      ) : (
        <div className={styles.act}>
          {ways.map((decision) => (
            <Button
              key={decision}
              size="xs"
              variant={wayOf(decision)?.tone === "do" ? "filled" : "default"}
              onClick={() => setAsking(decision)}
            >
              {wayOf(decision)?.words}
            </Button>
          ))}
          {ways.length === 0 && <p className={styles.more}>These have no decision in common: choose of one kind.</p>}
        </div>
      )}
    </section>
  );
}
