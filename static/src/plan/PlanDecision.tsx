import { Button, Group, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Plan } from "../api/types";
import { afterwards } from "./afterwards";
import styles from "./Plans.module.css";
import { keepSaid, type Said, saidKept } from "./draft";
import { useDecidePlan } from "./queries";

/** The person's word on a plan. What was begun survives a reload. */
export function PlanDecision({ plan, tasks, edit }: { plan: Plan; tasks: number; edit: () => void }) {
  const [said, setSaid] = useState(() => saidKept(plan.id));
  const [clicked, setClicked] = useState(false);
  const decide = useDecidePlan(plan.id, (word) => {
    keepSaid(plan.id, null);
    afterwards(word);
  });
  const put = (some: Partial<Said>) => {
    const next = { ...said, ...some };
    setSaid(next);
    keepSaid(plan.id, next);
  };
  const ask = (say: "change" | "reject") => {
    setClicked(true);
    put({ say });
  };
  const { say, words } = said;
  const send = () => {
    if (say !== null) decide.mutate({ say, words: words.trim() });
  };
  if (say === null)
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
        <Button size="sm" variant="default" onClick={() => ask("change")}>
          Ask for changes
        </Button>
        <Button size="sm" variant="default" onClick={() => ask("reject")}>
          Reject
        </Button>
        <span className={styles.facts}>
          {tasks === 1 ? "1 task appears and starts." : `${tasks} tasks appear and start.`}
        </span>
      </Group>
    );
  const change = say === "change";
  return (
    <section className={styles.asking} aria-label="Your decision">
      <Textarea
        label={change ? "What should be different?" : "Why not? (the PM and the history keep it)"}
        placeholder={change ? "Split the second task. Keep the old report." : ""}
        autosize
        minRows={2}
        value={words}
        onChange={(event) => put({ words: event.currentTarget.value })}
        autoFocus={clicked}
        readOnly={decide.isPending}
        maxLength={20_000}
      />
      <Group gap="xs" justify="flex-end">
        <Button variant="default" onClick={() => put({ say: null })}>
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
