import type { Task } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { AddFiles } from "./AddFiles";
import { KeptFiles } from "./KeptFiles";
import { useDropTaskFile, useTaskFiles } from "./queries";
import styles from "./TaskFiles.module.css";

interface Props {
  task: Task;
  add: (files: File[]) => void;
  adding: boolean;
}

/** The files of a task, and those of its request. What is added goes up at once, and the next agent sees it. */
export function TaskFiles({ task, add, adding }: Props) {
  const files = useTaskFiles(task.id);
  const drop = useDropTaskFile(task.id);
  return (
    <section className={styles.files} aria-label="Files of the task">
      {files.isError && <ProblemNote error={files.error} again={() => void files.refetch()} />}
      {files.data && <KeptFiles files={files.data} own={{ task_id: task.id }} remove={(file) => drop.mutate(file)} />}
      <p className={styles.add}>
        <AddFiles add={add} busy={adding} />
        <span className={styles.hint}>or drop and paste them here</span>
      </p>
    </section>
  );
}
