import { Button, Group, Textarea } from "@mantine/core";
import { useState } from "react";
import { sendWords } from "../feedback/words";
import { begunWords, keepWords } from "./inPlace";
import styles from "./TaskPanel.module.css";

interface Props {
  /** The name under which words that were begun survive a reload. */
  kept: string;
  asking: "change" | "reject";
  merges: boolean;
  counts: Parameters<typeof sendWords>[1];
  busy: boolean;
  back: () => void;
  say: (words: string) => void;
}

/** What a person says with a word that is no yes. Comments on lines are reason enough. */
export function DecisionWords({ kept, asking, merges, counts, busy, back, say }: Props) {
  const [words, setWords] = useState(() => begunWords(kept) ?? "");
  const lacks = !words.trim() && counts.drafts === 0;
  const rejects = asking === "reject";
  return (
    <section className={styles.asking} aria-label="Your decision">
      <Textarea
        label={rejects ? "Why not?" : "What should be different?"}
        description={merges || rejects ? sendWords(rejects ? "reject" : "request_changes", counts, false) : undefined}
        autosize
        minRows={2}
        maxRows={12}
        autoFocus
        value={words}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          keepWords(kept, event.currentTarget.value || null);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !lacks && !busy) say(words.trim());
          if (event.key !== "Escape") return;
          event.preventDefault();
          back();
        }}
        maxLength={20_000}
      />
      <Group gap="xs" justify="flex-end">
        <Button variant="default" onClick={back}>
          Back
        </Button>
        <Button color={rejects ? "red" : "accent"} loading={busy} disabled={lacks} onClick={() => say(words.trim())}>
          {rejects ? "Reject and cancel the task" : merges ? "Send to DEV" : "Send it back"}
        </Button>
      </Group>
    </section>
  );
}
