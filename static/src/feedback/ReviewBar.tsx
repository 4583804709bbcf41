import { Button, Textarea } from "@mantine/core";
import { type MouseEvent, useState } from "react";
import type { Review } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { begunWords, keepWords } from "../task/inPlace";
import { useReview } from "../diff/review";
import { counted, moved, useSendReview } from "./queries";
import { barWords, sendWords } from "./words";
import styles from "./Feedback.module.css";

/** What was said to the change's lines, and the way to send it. Nothing where there is nothing to say of it. */
export default function ReviewBar({ taskId }: { taskId: number }) {
  const review = useReview(taskId);
  if (review.data === undefined || review.data.may.length === 0) return null;
  if (review.data.may.includes("approve")) return <Counted counts={counted(review.data)} />;
  return <Bar taskId={taskId} review={review.data} />;
}

/** The task waits for a word: that is said where its decision stands, and what was commented goes along. */
function Counted({ counts }: { counts: ReturnType<typeof counted> }) {
  const toDecision = (event: MouseEvent<HTMLElement>) =>
    event.currentTarget.closest("aside, article")?.querySelector<HTMLElement>("[data-decision] button")?.focus();
  return (
    <section className={styles.bar} aria-label="Your comments">
      <p className={styles.counts}>{barWords(counts)}</p>
      <div className={styles.acts}>
        <Button size="xs" variant="default" onClick={toDecision}>
          {counts.drafts > 0 ? "Decide, and send them" : "Decide"} ↑
        </Button>
      </div>
    </section>
  );
}

function Bar({ taskId, review }: { taskId: number; review: Review }) {
  const kept = `${taskId}.review`;
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState(() => begunWords(kept) ?? "");
  const say = (text: string) => {
    setNote(text);
    keepWords(kept, text || null);
  };
  const send = useSendReview(taskId, (sentence) => {
    keepWords(kept, null);
    tellDone(sentence);
  });
  const counts = counted(review);
  const submit = () =>
    send.mutate(
      { verdict: "request_changes", note: note.trim(), patch_id: review.patch_id ?? null },
      { onSuccess: () => setAsking(false) },
    );

  return (
    <section className={styles.bar} aria-label="Your review">
      <p className={styles.counts}>{barWords(counts)}</p>
      {asking ? (
        <div className={styles.form}>
          <Textarea
            label="Why?"
            description={sendWords("request_changes", counts, true)}
            autosize
            minRows={2}
            maxRows={10}
            autoFocus
            maxLength={50_000}
            value={note}
            onChange={(event) => say(event.currentTarget.value)}
          />
          {send.isError && <ProblemNote error={send.error} />}
          <div className={styles.acts}>
            <Button size="sm" variant="default" onClick={() => setAsking(false)}>
              Back
            </Button>
            <Button size="sm" disabled={!note.trim() && counts.drafts === 0} loading={send.isPending} onClick={submit}>
              Send to DEV
            </Button>
          </div>
        </div>
      ) : (
        <div className={styles.acts}>
          <Button size="sm" onClick={() => setAsking(true)}>
            Ask for changes{counts.drafts > 0 ? ` (${counts.drafts})` : ""}
          </Button>
        </div>
      )}
      {moved(send.error) && <p className={styles.counts}>The change as it is now is shown; your comments are kept.</p>}
    </section>
  );
}
