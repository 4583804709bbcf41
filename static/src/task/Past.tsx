import type { Task } from "../api/types";
import { Handoffs } from "../context/Handoffs";
import { TaskHistory } from "./TaskHistory";
import styles from "./Overview.module.css";

/** What happened to the task, and what each stage handed to the next. */
export default function Past({ task }: { task: Task }) {
  return (
    <div className={styles.parts}>
      <TaskHistory task={task} />
      <Handoffs task={task} />
    </div>
  );
}
