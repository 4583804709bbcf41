import type { Task } from "../api/types";
import { Facts } from "../history/Facts";

/** What happened to the task, newest first, with what each word of the person's changed. */
export function TaskHistory({ task }: { task: Task }) {
  return <Facts asked={{ task_id: task.id }} />;
}
