import { Button, Group, Textarea } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Approval, Task } from "../api/types";
import { tellDone } from "../problem/tell";
import { Key } from "../tag/Key";
import { MergeDialog } from "./MergeDialog";
import { useDecide, type Word } from "./queries";
import styles from "./TaskPanel.module.css";

const AFTERWARDS: Record<Word["say"], (key: string, merges: boolean) => string> = {
  approve: (key, merges) => (merges ? `Approved. ${key} is merged now.` : `Accepted. ${key} goes on.`),
  change: (key, merges) => `${key} goes back${merges ? " to DEV" : ""} with your words.`,
  reject: (key) => `${key} is cancelled; its branch stays.`,
};

/** A report, say, is read and accepted: there is nothing to merge. */
const mergesAChange = ({ diff_stat }: Approval): boolean => Number(diff_stat.files ?? 0) > 0;

type Asking = "merge" | "change" | "reject" | null;

export function Decision({ task, approval, keyed = true }: { task: Task; approval: Approval; keyed?: boolean }) {
  const [asking, setAsking] = useState<Asking>(null);
  const [words, setWords] = useState("");
  const merges = mergesAChange(approval);
  const decide = useDecide(approval, ({ say }) => tellDone(AFTERWARDS[say](task.key, merges)));
  const approve = () => (merges ? setAsking("merge") : decide.mutate({ say: "approve" }));
  useKeyA(keyed && asking === null && !decide.isPending, approve);

  if (asking === "change" || asking === "reject")
    return (
      <section className={styles.asking} aria-label="Your decision">
        <Textarea
          label={
            asking === "reject"
              ? "Why not?"
              : `What should be different? ${merges ? "DEV" : "The agent"} gets these words.`
          }
          description={asking === "reject" ? "The task is cancelled. Its branch and its history stay." : undefined}
          autosize
          minRows={2}
          autoFocus
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          maxLength={20_000}
        />
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={() => setAsking(null)}>
            Back
          </Button>
          <Button
            color={asking === "reject" ? "red" : "accent"}
            loading={decide.isPending}
            disabled={!words.trim()}
            onClick={() => decide.mutate({ say: asking, words: words.trim() })}
          >
            {asking === "reject" ? "Reject and cancel the task" : merges ? "Send to DEV" : "Send it back"}
          </Button>
        </Group>
      </section>
    );
  return (
    <div className={styles.actions} role="group" aria-label="Your decision">
      <Button size="sm" onClick={approve} loading={decide.isPending}>
        {merges ? "Approve and merge" : "Accept"}
      </Button>
      <Button size="sm" variant="default" onClick={() => setAsking("change")}>
        Ask for changes
      </Button>
      <Button size="sm" variant="default" onClick={() => setAsking("reject")}>
        Reject
      </Button>
      {keyed && (
        <span className={styles.hint}>
          <Key>A</Key>
        </span>
      )}
      <MergeDialog
        task={task}
        approval={approval}
        opened={asking === "merge"}
        close={() => setAsking(null)}
        merge={() => decide.mutate({ say: "approve" })}
      />
    </div>
  );
}

function useKeyA(active: boolean, act: () => void): void {
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent) => {
      const target = event.target;
      const writing =
        target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable], [role=dialog]");
      if (event.key.toLowerCase() !== "a" || event.ctrlKey || event.metaKey || event.altKey || writing) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}
