import { HoverBox } from "../hover/HoverBox";
import { type Find, type Hovered, useHover } from "../hover/useHover";
import { usePlace } from "../place/usePlace";
import { Tag } from "../tag/Tag";
import { useCriteria } from "./criteria";
import { useTask } from "./queries";
import { RunsLine } from "./RunsLine";
import styles from "./TaskHover.module.css";
import { stateTone, stateWords } from "./words";

const HOW = { patienceMs: 600, focus: false }; // with keys, Enter opens all of it just as quickly

/** A card, or any link to a task. */
const findTask: Find = (target) => {
  const element = target.closest<HTMLElement>("[data-task-id], a[href*='task=']");
  if (!element) return null;
  const asked = element instanceof HTMLAnchorElement ? new URL(element.href).searchParams.get("task") : null;
  const id = Number(element.dataset.taskId ?? asked);
  return Number.isInteger(id) && id > 0 ? { element, id } : null;
};

/** The facts of the task that the mouse rests on, unless it is the one that is open. */
export default function TaskHover() {
  const place = usePlace();
  const hovered = useHover(findTask, HOW);
  return hovered && hovered.id !== place.task ? <TaskFacts {...hovered} /> : null;
}

function TaskFacts({ id, by }: Hovered) {
  const task = useTask(id).data;
  const criteria = useCriteria(id).data ?? [];
  if (!task) return null;
  const { blocked_by: before, subtasks: parts } = task;
  const met = criteria.filter((one) => one.met).length;
  return (
    <HoverBox name="task-hover" by={by}>
      <p className={styles.key}>
        {task.key} · {task.kind} · P{task.priority} · {task.stage.toUpperCase()}
        {task.round > 1 && ` · round ${task.round}`}
      </p>
      <p>
        <b>{task.title}</b>
      </p>
      <p>
        <Tag tone={task.paused_at ? "wait" : stateTone(task.state)}>{task.paused_at ? "paused" : stateWords(task)}</Tag>
      </p>
      {task.waiting_sentence && <p className={styles.words}>{task.waiting_sentence}</p>}
      {task.description && <p className={styles.words}>{task.description}</p>}
      {criteria.length > 0 && (
        <p className={styles.key}>
          {met} of {criteria.length === 1 ? "1 criterion" : `${criteria.length} criteria`} met
        </p>
      )}
      {before.length > 0 && (
        <p className={styles.key}>
          comes after {before.length === 1 ? "another task" : `${before.length} other tasks`}
        </p>
      )}
      {parts.length > 0 && (
        <p className={styles.key}>{parts.length === 1 ? "1 subtask" : `${parts.length} subtasks`}</p>
      )}
      <RunsLine id={id} />
    </HoverBox>
  );
}
