import { Button, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Review, ReviewIn } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { begunWords, keepWords } from "../task/inPlace";
import { useReview } from "../diff/review";
import { counted, moved, useSendReview } from "./queries";
import { barWords, sendWords } from "./words";
import styles from "./Feedback.module.css";

type Verdict = ReviewIn["verdict"];

/** A person's word on the change with the comments on its lines. Nothing where there is nothing to say of it. */
export default function ReviewBar({ taskId }: { taskId: number }) {
  const review = useReview(taskId);
  if (review.data === undefined || review.data.may.length === 0) return null;
  return <Bar taskId={taskId} review={review.data} />;
}

function Bar({ taskId, review }: { taskId: number; review: Review }) {
  const kept = `${taskId}.review`;
  const [asking, setAsking] = useState<Verdict | null>(null);
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
  const submit = (verdict: Verdict) =>
    send.mutate(
      { verdict, note: note.trim(), patch_id: review.patch_id ?? null },
      { onSuccess: () => setAsking(null) },
    );
  const needsWords = asking !== "approve" && !note.trim() && counts.drafts === 0;

  return (
    <section className={styles.bar} aria-label="Your review">
      <p className={styles.counts}>{barWords(counts)}</p>
      {asking === null ? (
        <div className={styles.acts} role="group" aria-label="Your word on the change">
          {review.may.includes("reject") && (
            <Button size="sm" variant="default" onClick={() => setAsking("reject")}>
              Reject
            </Button>
          )}
          <Button
            size="sm"
            variant={counts.drafts > 0 || review.may.length === 1 ? "filled" : "default"}
            onClick={() => setAsking("request_changes")}
          >
            {counts.drafts > 0 ? `Ask for changes (${counts.drafts})` : "Ask for changes"}
          </Button>
          {review.may.includes("approve") && (
            <Button size="sm" variant={counts.drafts > 0 ? "default" : "filled"} onClick={() => setAsking("approve")}>
              Approve
            </Button>
          )}
        </div>
      ) : (
        <div className={styles.form}>
          <Textarea
            label={asking === "approve" ? "Anything to say with it?" : "Why?"}
            description={sendWords(asking, counts, review.may.length === 1)}
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
            <Button size="sm" variant="default" onClick={() => setAsking(null)}>
              Back
            </Button>
            <Button
              size="sm"
              color={asking === "reject" ? "red" : "accent"}
              disabled={needsWords}
              loading={send.isPending}
              onClick={() => submit(asking)}
            >
              {asking === "approve" ? "Approve" : asking === "reject" ? "Reject and cancel the task" : "Send to DEV"}
            </Button>
          </div>
        </div>
      )}
      {moved(send.error) && <p className={styles.counts}>The change as it is now is shown; your comments are kept.</p>}
    </section>
  );
}
