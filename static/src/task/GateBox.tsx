import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Gate, GateRule, Task } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import styles from "./EvidenceBox.module.css";
import { useGate, useOverride } from "./queries";
import { ruleWords } from "./words";

/** What the newest gate asked for, rule by rule; a person may let a failed one pass, and says why. `failed`: only then. */
export function GateBox({ task, failed = false }: { task: Task; failed?: boolean }) {
  const gate = useGate(task.id);
  if (gate.isError) return <ProblemNote error={gate.error} again={() => void gate.refetch()} />;
  if (!gate.data || gate.data.rules.length === 0) return null;
  const { title, passed, overridden, rules } = gate.data;
  if (failed && (passed || overridden)) return null;
  const how = passed ? "passed" : overridden ? "failed, and was let pass" : "failed";
  return (
    <section
      className={styles.box}
      aria-label={`The gate of ${title}`}
      data-tone={passed || overridden ? undefined : "bad"}
    >
      <h3>
        The gate of {title} {how}
      </h3>
      <ul className={styles.list}>
        {rules.map((rule) => (
          <Rule key={rule.rule} rule={rule} />
        ))}
      </ul>
      {gate.data.can_override && <LetPass task={task} gate={gate.data} />}
    </section>
  );
}

function Rule({ rule }: { rule: GateRule }) {
  const place = usePlace();
  const state = rule.passed ? "proven" : "failed";
  return (
    <li className={styles.line} data-state={state}>
      <span className={styles.mark} role="img" aria-label={rule.passed ? "holds" : "fails"}>
        {rule.passed ? "✓" : "✗"}
      </span>
      <span className={styles.words}>
        {rule.passed ? rule.expected : rule.reason}
        {!rule.passed && <span className={styles.where}> Asked for: {rule.expected}.</span>}
        {rule.note && (
          <span className={styles.where}>
            {" "}
            Let pass by {rule.overridden_by === "person" ? "you" : rule.overridden_by}: “{rule.note}”
          </span>
        )}
      </span>
      {rule.proof_id === null ? (
        <code title={rule.measured}>{ruleWords(rule.rule)}</code>
      ) : (
        <a {...linkTo(place, { tab: "evidence", proof: rule.proof_id })} title={`${rule.measured}: see the proof`}>
          <code>{ruleWords(rule.rule)}</code>
        </a>
      )}
    </li>
  );
}

function LetPass({ task, gate }: { task: Task; gate: Gate }) {
  const [opened, setOpened] = useState(false);
  const [note, setNote] = useState("");
  const close = () => setOpened(false);
  const override = useOverride(task.id, gate.run_id, () => {
    close();
    tellDone(`${task.key} passes ${gate.title} by your word, and goes to ${gate.goes_to}.`);
  });
  return (
    <Group gap="xs">
      <Button size="xs" variant="default" onClick={() => setOpened(true)}>
        Let it pass…
      </Button>
      <Modal opened={opened} onClose={close} title={`Let ${task.key} pass the gate of ${gate.title}?`}>
        <Stack gap="sm">
          <p>
            What was measured stays as it is. The task goes on to <b>{gate.goes_to}</b>; work that was to mend it is
            stopped, and what made the gate fail is waived with your note.
          </p>
          <Textarea
            label="Why may it pass?"
            autosize
            minRows={2}
            data-autofocus
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            maxLength={2_000}
          />
          <Group gap="xs" justify="flex-end">
            <Button variant="default" onClick={close}>
              Not now
            </Button>
            <Button disabled={!note.trim()} loading={override.isPending} onClick={() => override.mutate(note.trim())}>
              Let it pass
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Group>
  );
}
