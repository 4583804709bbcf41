import { Button, Group, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Plan } from "../api/types";
import { afterwards } from "./afterwards";
import styles from "./Plans.module.css";
import { useDecidePlan } from "./queries";

export function PlanDecision({ plan, tasks, edit }: { plan: Plan; tasks: number; edit: () => void }) {
  const [asking, setAsking] = useState<"change" | "reject" | null>(null);
  const [words, setWords] = useState("");
  const decide = useDecidePlan(plan.id, afterwards);
  const send = () => {
    if (asking !== null) decide.mutate({ say: asking, words: words.trim() });
  };
  if (asking === null)
    return (
      <Group gap="xs" className={styles.decision} role="group" aria-label="Your decision">
        <Button
          size="sm"
          onClick={() => decide.mutate({ say: "approve", version: plan.version })}
          loading={decide.isPending}
        >
          Approve plan
        </Button>
        <Button size="sm" variant="default" onClick={edit}>
          Edit
        </Button>
        <Button size="sm" variant="default" onClick={() => setAsking("change")}>
          Ask for changes
        </Button>
        <Button size="sm" variant="default" onClick={() => setAsking("reject")}>
          Reject
        </Button>
        <span className={styles.facts}>
          {tasks === 1 ? "1 task appears and starts." : `${tasks} tasks appear and start.`}
        </span>
      </Group>
    );
  const change = asking === "change";
  return (
    <section className={styles.asking} aria-label="Your decision">
      <Textarea
        label={change ? "What should be different?" : "Why not? (the PM and the history keep it)"}
        placeholder={change ? "Split the second task. Keep the old report." : ""}
        autosize
        minRows={2}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        data-autofocus
        autoFocus
        maxLength={20_000}
      />
      <Group gap="xs" justify="flex-end">
        <Button variant="default" onClick={() => setAsking(null)}>
          Back
        </Button>
        <Button
          color={change ? "accent" : "red"}
          onClick={send}
          loading={decide.isPending}
          disabled={change && !words.trim()}
        >
          {change ? "Send to the PM" : "Reject the plan"}
        </Button>
      </Group>
    </section>
  );
}
