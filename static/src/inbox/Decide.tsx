import { Button, Textarea } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { DecisionWord, InboxItem, ReviewIn } from "../api/types";
import { useCommand } from "../command/useCommand";
import { useReview } from "../diff/review";
import { counted, useSendReview } from "../feedback/queries";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { Key } from "../tag/Key";
import styles from "./Inbox.module.css";
import { useDecisions } from "./queries";
import { resultWords, sentenceOf, shared, wayOf } from "./words";

const VARIANTS = { do: "filled", plain: "default", stop: "default" } as const;

/** The decisions that an item takes: a key opens one, Enter (Ctrl Enter where words are written) says it. */
export function Decide({ item, children }: { item: InboxItem; children?: ReactNode }) {
  const [asking, setAsking] = useState<DecisionWord | null>(null);
  const [fault, setFault] = useState("");
  const decide = useDecisions((results) => {
    const { refused } = resultWords(results);
    setFault(refused.length > 0 ? sentenceOf(results[0]?.problem ?? null) : "");
    if (refused.length === 0) tellDone(`${item.title}: decided.`);
    setAsking(null);
  });
  const drafts = useDrafts(item);
  const ways = shared([item]);
  const keyed = (key: string) => ways.find((decision) => wayOf(decision)?.key === key);
  useCommand({
    words: "Go on with it",
    group: "Inbox",
    keys: "a",
    run: () => setAsking(keyed("a") ?? null),
    when: !!keyed("a"),
  });
  useCommand({
    words: "Refuse it",
    group: "Inbox",
    keys: "r",
    run: () => setAsking(keyed("r") ?? null),
    when: !!keyed("r"),
  });
  useCommand({
    words: "Ask for changes",
    group: "Inbox",
    keys: "c",
    run: () => setAsking(keyed("c") ?? null),
    when: !!keyed("c"),
  });
  return (
    <div className={styles.decide}>
      {fault && (
        <p className={styles.fault} role="alert">
          {fault}
        </p>
      )}
      {drafts.send.isError && <ProblemNote error={drafts.send.error} />}
      {asking === null ? (
        <div className={styles.act} role="group" aria-label="Your decision" data-decision>
          {ways.map((decision) => (
            <Button
              key={decision}
              size="sm"
              variant={VARIANTS[wayOf(decision)?.tone ?? "plain"]}
              onClick={() => setAsking(decision)}
              rightSection={<Key>{(wayOf(decision)?.key ?? "").toUpperCase()}</Key>}
            >
              {wayOf(decision)?.words}
            </Button>
          ))}
          {children}
        </div>
      ) : (
        <Asking
          key={asking}
          decision={asking}
          busy={decide.isPending || drafts.send.isPending}
          back={() => setAsking(null)}
          drafts={drafts.count}
          say={(note) =>
            drafts.count > 0
              ? drafts.send.mutate({ verdict: asking as ReviewIn["verdict"], note, patch_id: item.patch_id ?? null })
              : decide.mutate({ items: [item], said: { decision: asking, note } })
          }
        />
      )}
    </div>
  );
}

/** Comments on lines of the item's change that are not sent yet: they go with the word on it. */
function useDrafts({ kind, task_id }: InboxItem) {
  const task = kind === "approval" ? task_id : null;
  const review = useReview(task ?? 0, task !== null);
  const send = useSendReview(task ?? 0, tellDone);
  return { count: task !== null && review.data ? counted(review.data).drafts : 0, send };
}

const NOTE = "A note, if you like. It is kept with your word.";

const goesAlong = (drafts: number): string | undefined =>
  drafts === 0 ? undefined : `${drafts === 1 ? "1 comment goes" : `${drafts} comments go`} along.`;

interface AskingProps {
  decision: DecisionWord;
  busy: boolean;
  /** Comments on lines that go along: reason enough. */
  drafts?: number;
  back: () => void;
  say: (note: string) => void;
}

export function Asking({ decision, busy, drafts = 0, back, say }: AskingProps) {
  const [note, setNote] = useState("");
  const way = wayOf(decision);
  const sure = useRef<HTMLButtonElement>(null);
  const noteless = way?.note === "none";
  const writes = way?.note === "needed" || way?.tone === "stop";
  useEffect(() => {
    if (!writes || noteless) sure.current?.focus();
  }, [writes, noteless]);
  if (way === undefined) return null;
  const lacks = way.note === "needed" && !note.trim() && drafts === 0;
  return (
    <section
      className={styles.asking}
      aria-label="Your decision"
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          back();
        }
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !lacks && !busy) say(note.trim());
      }}
    >
      {way.note === "none" ? (
        <p>{way.means}</p>
      ) : (
        <Textarea
          label={way.means}
          description={goesAlong(drafts) ?? (way.note === "free" ? NOTE : undefined)}
          autosize
          minRows={writes ? 2 : 1}
          maxRows={12}
          maxLength={20_000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          data-autofocus={writes || undefined}
          autoFocus={writes}
        />
      )}
      <div className={styles.act}>
        <Button
          ref={sure}
          size="sm"
          color={way.tone === "stop" ? "red" : "accent"}
          loading={busy}
          disabled={lacks}
          onClick={() => say(note.trim())}
        >
          {way.words}
        </Button>
        <Button size="sm" variant="default" onClick={back}>
          Back
        </Button>
      </div>
    </section>
  );
}
