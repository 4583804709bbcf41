import { Button } from "@mantine/core";
import type { Task } from "../api/types";
import { TaskControl } from "../control/TaskControl";
import { Decision } from "./Decision";
import { useOpenApproval, useTrigger } from "./queries";
import styles from "./TaskPanel.module.css";
import { startWord } from "./words";

/** What a person can do with the task now, in one line; the rare things are in the menu beside its close button. */
export function TaskActions({ task }: { task: Task }) {
  const approval = useOpenApproval(task.id);
  return (
    <div className={styles.actions}>
      {approval.data && <Decision key={approval.data.id} task={task} approval={approval.data} />}
      <Start task={task} />
      <TaskControl task={task} />
    </div>
  );
}

function Start({ task }: { task: Task }) {
  const trigger = useTrigger(task.id);
  const word = startWord(task);
  if (word === null) return null;
  return (
    <Button size="sm" onClick={() => trigger.mutate()} loading={trigger.isPending}>
      {word}
    </Button>
  );
}
