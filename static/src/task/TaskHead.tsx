import { Button } from "@mantine/core";
import type { Task } from "../api/types";
import { useActivity } from "../live/activity";
import { linkTo, usePlace } from "../place/usePlace";
import { sizeWords } from "../plan/words";
import { Now } from "../tag/Now";
import { Tag, type Tone } from "../tag/Tag";
import { Decision } from "./Decision";
import { useDependencies, useOpenApproval, useTrigger } from "./queries";
import styles from "./TaskPanel.module.css";
import { startWord, stateWords } from "./words";

const TONES: Record<string, Tone> = { waiting: "wait", done: "ok", paused: "wait" };

export function TaskHead({ task }: { task: Task }) {
  const approval = useOpenApproval(task.id);
  return (
    <header className={styles.head}>
      <div className={styles.facts}>
        <span className={styles.key}>{task.key}</span>
        <Tag>{task.kind}</Tag>
        <Tag title={`Priority ${task.priority} of 10`}>P{task.priority}</Tag>
        <span>{sizeWords(task.size)}</span>
      </div>
      <h2 className={styles.title}>{task.title}</h2>
      <Standing task={task} />
      {approval.data && <Decision key={approval.data.id} task={task} approval={approval.data} />}
      <Start task={task} />
      {task.description && <p className={styles.description}>{task.description}</p>}
      <After task={task} />
    </header>
  );
}

function Standing({ task }: { task: Task }) {
  const live = useActivity(task.state === "running" ? task.current_run_id : null);
  const stage = task.stage === "done" || task.stage === "backlog" ? "" : `${task.stage.toUpperCase()}: `;
  const round = task.round > 1 && task.state !== "done" ? ` · round ${task.round}` : "";
  if (task.state === "running")
    return (
      <div className={styles.state} role="status">
        <Now>
          {stage}
          {live ?? stateWords(task)}
          {round}
        </Now>
      </div>
    );
  return (
    <div className={styles.state} role="status">
      <Tag tone={TONES[task.state] ?? "plain"}>
        {stage}
        {stateWords(task)}
        {round}
      </Tag>
      {task.state === "done" && task.merged_sha && <span>merged as {task.merged_sha.slice(0, 10)}</span>}
      {task.waiting_sentence && task.waiting_reason !== "approval" && <span>{task.waiting_sentence}</span>}
    </div>
  );
}

function Start({ task }: { task: Task }) {
  const trigger = useTrigger(task.id);
  const word = startWord(task);
  if (word === null) return null;
  return (
    <div className={styles.actions}>
      <Button size="sm" onClick={() => trigger.mutate()} loading={trigger.isPending}>
        {word}
      </Button>
    </div>
  );
}

function After({ task }: { task: Task }) {
  const place = usePlace();
  const { data } = useDependencies(task.id);
  const open = data?.blocked_by.filter((other) => other.state !== "done") ?? [];
  if (open.length === 0) return null;
  return (
    <p className={styles.facts}>
      Waits for
      {open.map((other) => (
        <a key={other.id} {...linkTo(place, { task: other.id, tab: "changes" })}>
          <Tag tone="accent">
            {other.key} {other.title}
          </Tag>
        </a>
      ))}
    </p>
  );
}
