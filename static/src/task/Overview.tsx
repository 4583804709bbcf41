import type { Task } from "../api/types";
import { TaskFiles } from "../attachment/TaskFiles";
import { Told } from "../markdown/Told";
import { OriginLine } from "../tracker/OriginLine";
import Criteria from "./Criteria";
import { useTaskText } from "./edit";
import { EvidenceBox } from "./EvidenceBox";
import { InPlace } from "./InPlace";
import styles from "./Overview.module.css";
import { Relations } from "./Relations";
import Report from "./Report";
import { Subtasks } from "./Subtasks";

const EMPTY = "No description. An agent knows only the title and the criteria: say what is wanted, and why.";

interface Props {
  task: Task;
  add: (files: File[]) => void;
  adding: boolean;
}

/** What the task is: its words, what must hold, its files, and the tasks around it. */
export default function Overview({ task, add, adding }: Props) {
  const description = useTaskText(task, "description");
  return (
    <div className={styles.parts}>
      {task.origin && <OriginLine origin={task.origin} />}
      {task.kind === "research" && <Report task={task} />}
      <EvidenceBox task={task} />
      <section className={styles.part} aria-labelledby="description">
        <h3 id="description">Description</h3>
        <InPlace
          {...description}
          label="Description"
          description="Markdown. Ctrl+Enter saves, Escape leaves it as it was."
          maxLength={50_000}
          nothing={EMPTY}
        >
          <Told>{task.description}</Told>
        </InPlace>
      </section>
      <section className={styles.part} aria-labelledby="criteria">
        <h3 id="criteria">What must hold</h3>
        <Criteria task={task} />
      </section>
      <section className={styles.part} aria-labelledby="files">
        <h3 id="files">Files</h3>
        <TaskFiles task={task} add={add} adding={adding} />
      </section>
      <Relations task={task} />
      <Subtasks task={task} />
    </div>
  );
}
