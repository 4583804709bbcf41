import type { Task } from "../api/types";
import { useActivity } from "../live/activity";
import { part } from "../part/part";
import { linkTo, usePlace } from "../place/usePlace";
import { sizeWords } from "../plan/words";
import { Now } from "../tag/Now";
import { Tag } from "../tag/Tag";
import { useTaskText } from "./edit";
import { InPlace } from "./InPlace";
import { Marks } from "./Marks";
import { useDependencies } from "./queries";
import { TaskActions } from "./TaskActions";
import styles from "./TaskPanel.module.css";
import { stateTone, stateWords } from "./words";

const WaysBack = part(() => import("../restore/WaysBack"));

export function TaskHead({ task }: { task: Task }) {
  const place = usePlace();
  const title = useTaskText(task, "title");
  return (
    <header className={styles.head}>
      <div className={styles.facts}>
        <span className={styles.key}>{task.key}</span>
        <Marks task={task} />
        <span>{sizeWords(task.size)}</span>
        <a
          className={styles.chat}
          {...linkTo(place, { view: "chat", project: task.project_id, thread: task.id, task: null })}
        >
          Chat<span className="wf-hidden"> about {task.key}</span>
        </a>
      </div>
      <InPlace {...title} label="Title" maxLength={300} required oneLine>
        <h2 className={styles.title}>{task.title}</h2>
      </InPlace>
      <Standing task={task} />
      <TaskActions task={task} />
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
      <Tag tone={stateTone(task.state)}>
        {stage}
        {stateWords(task)}
        {round}
      </Tag>
      {task.state === "done" && task.merged_sha && <span>merged as {task.merged_sha.slice(0, 10)}</span>}
      <WaysBack task={task} />
      {task.waiting_sentence && task.waiting_reason !== "approval" && <span>{task.waiting_sentence}</span>}
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
        <a key={other.id} {...linkTo(place, { task: other.id })}>
          <Tag tone="accent">
            {other.key} {other.title}
          </Tag>
        </a>
      ))}
    </p>
  );
}
