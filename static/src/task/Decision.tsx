import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Approval, Task } from "../api/types";
import { useCommand } from "../command/useCommand";
import { useReview } from "../diff/review";
import { counted } from "../feedback/queries";
import { tellDone } from "../problem/tell";
import { DecisionWords } from "./DecisionWords";
import { keepWords } from "./inPlace";
import { MergeDialog } from "./MergeDialog";
import { useDecide, type Word } from "./queries";
import styles from "./TaskPanel.module.css";

const AFTERWARDS: Record<Word["say"], (key: string, merges: boolean) => string> = {
  approve: (key, merges) => (merges ? `Approved. ${key} is merged now.` : `Accepted. ${key} goes on.`),
  change: (key, merges) => `${key} goes back${merges ? " to DEV" : ""} with your words.`,
  reject: (key) => `${key} is cancelled; its branch stays.`,
};
const NO_COMMENTS = { drafts: 0, outdated: 0, open: 0, fixed: 0 };

/** A report, say, is read and accepted: there is nothing to merge. */
const mergesAChange = ({ diff_stat }: Approval): boolean => Number(diff_stat.files ?? 0) > 0;

const keyed = (key: string) => ({ title: `Key ${key}`, "aria-keyshortcuts": key });

export type Asking = "merge" | "change" | "reject";

/** The one place of a task's panel where a person decides; comments on lines that are not sent yet go along. */
export function Decision({ task, approval }: { task: Task; approval: Approval }) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const review = useReview(task.id);
  const counts = review.data ? counted(review.data) : NO_COMMENTS;
  const merges = mergesAChange(approval);
  const kept = `${task.id}.decision`;
  const decide = useDecide(approval, ({ say }) => {
    keepWords(kept, null);
    tellDone(AFTERWARDS[say](task.key, merges));
  });
  const approve = () => (merges ? setAsking("merge") : decide.mutate({ say: "approve", words: "" }));
  const buttons = useBackTo(asking);
  const free = asking === null && !decide.isPending;
  const [group, words] = ["Task", merges ? "Approve and merge" : "Accept"];
  useCommand({ words, group, keys: "a", when: free, run: approve });
  useCommand({ words: "Ask for changes", group, keys: "c", when: free, run: () => setAsking("change") });
  useCommand({ words: "Reject the change", group, keys: "r", when: free, run: () => setAsking("reject") });

  if (asking === "change" || asking === "reject")
    return (
      <DecisionWords
        kept={kept}
        asking={asking}
        merges={merges}
        counts={counts}
        busy={decide.isPending}
        back={() => setAsking(null)}
        say={(note) => decide.mutate({ say: asking, words: note })}
      />
    );
  return (
    <div ref={buttons} className={styles.actions} role="group" aria-label="Your decision" data-decision>
      <Button
        size="sm"
        variant={counts.drafts > 0 ? "default" : "filled"}
        onClick={approve}
        loading={decide.isPending}
        {...keyed("A")}
      >
        {words}
      </Button>
      <Button
        size="sm"
        variant={counts.drafts > 0 ? "filled" : "default"}
        onClick={() => setAsking("change")}
        {...keyed("C")}
      >
        Ask for changes{counts.drafts > 0 ? ` (${counts.drafts})` : ""}
      </Button>
      <Button size="sm" variant="default" onClick={() => setAsking("reject")} {...keyed("R")}>
        Reject
      </Button>
      <MergeDialog
        task={task}
        approval={approval}
        counts={counts}
        opened={asking === "merge"}
        close={() => setAsking(null)}
        merge={(note) => decide.mutate({ say: "approve", words: note })}
      />
    </div>
  );
}

/** Who leaves the words that they began stands at the buttons again, and not at the top of the page. */
function useBackTo(asking: Asking | null) {
  const buttons = useRef<HTMLDivElement>(null);
  const before = useRef(asking);
  useEffect(() => {
    if (asking === null && before.current !== null && document.activeElement === document.body)
      buttons.current?.querySelector("button")?.focus();
    before.current = asking;
  }, [asking]);
  return buttons;
}
