import { Button, Skeleton, Textarea } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Finding, Task } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag, type Tone } from "../tag/Tag";
import { useFindings, useWaive } from "./queries";
import styles from "./Findings.module.css";
import parts from "./Overview.module.css";

const TONES: Record<string, Tone> = { critical: "bad", high: "bad", medium: "wait" };
const STATES: Record<string, [string, Tone]> = {
  open: ["to be mended", "bad"],
  fixed: ["mended", "ok"],
  waived: ["may stay", "plain"],
  duplicate: ["said twice", "plain"],
};

/** Everything that was found on the task, what stands first. */
export function Findings({ task }: { task: Task }) {
  const findings = useFindings(task.id);
  const sorted = findings.data?.toSorted(
    (one, other) => Number(other.state === "open") - Number(one.state === "open") || other.id - one.id,
  );
  return (
    <section className={parts.part} aria-labelledby="found">
      <h3 id="found">Findings</h3>
      {findings.isPending && <Skeleton height={40} radius={8} />}
      {findings.isError && <ProblemNote error={findings.error} again={() => void findings.refetch()} />}
      {sorted?.length === 0 && <p className={parts.none}>Nothing was found against it.</p>}
      <ul className={styles.list}>
        {sorted?.map((finding) => (
          <One key={finding.id} task={task} finding={finding} />
        ))}
      </ul>
    </section>
  );
}

function One({ task, finding }: { task: Task; finding: Finding }) {
  const place = usePlace();
  const { severity, state, title, message, stage, round, file, line, note, on_base } = finding;
  const [words, tone] = STATES[state] ?? [state, "plain"];
  const [waiving, setWaiving] = useState(false);
  return (
    <li className={styles.finding}>
      <p className={styles.head}>
        <Tag tone={TONES[severity] ?? "plain"}>{severity}</Tag>
        <span className={styles.title}>{title}</span>
        <Tag tone={tone}>{words}</Tag>
      </p>
      <p className={styles.facts}>
        {stage.toUpperCase()}, round {round}
        {on_base && " · was on the main branch before"}
        {file && (
          <a {...linkTo(place, { tab: "changes", file, line })}>
            {file}
            {line ? `:${line}` : ""}
          </a>
        )}
        {state === "open" && !waiving && (
          <Button size="compact-xs" variant="subtle" onClick={() => setWaiving(true)}>
            Let it stay …
          </Button>
        )}
      </p>
      {message && message !== title && <p className={styles.message}>{message}</p>}
      {note && <p className={styles.message}>“{note}”</p>}
      {waiving && <Waive task={task} id={finding.id} close={() => setWaiving(false)} />}
    </li>
  );
}

function Waive({ task, id, close }: { task: Task; id: number; close: () => void }) {
  const [note, setNote] = useState("");
  const waive = useWaive(task.id);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (note.trim()) waive.mutate({ id, note: note.trim() }, { onSuccess: close });
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <Textarea
        label="Why may it stay?"
        autosize
        minRows={1}
        autoFocus
        maxLength={2_000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {waive.isError && <ProblemNote error={waive.error} />}
      <span className={styles.head}>
        <Button type="submit" disabled={!note.trim()} loading={waive.isPending}>
          Let it stay
        </Button>
        <Button variant="default" onClick={close}>
          Not now
        </Button>
      </span>
    </form>
  );
}
