import { Skeleton } from "@mantine/core";
import type { Task } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./Context.module.css";
import { Notes } from "./Notes";
import { PromptPreview } from "./PromptPreview";
import { useContext } from "./queries";

/** What the next agent is told, and what earlier ones left for it. */
export default function Context({ task }: { task: Task }) {
  const context = useContext(task.id);
  return (
    <div className={styles.parts}>
      <PromptPreview task={task} />
      {context.isPending && <Skeleton height={120} radius={8} />}
      {context.isError && <ProblemNote error={context.error} again={() => void context.refetch()} />}
      {context.data && <Notes task={task} notes={context.data.notes} />}
    </div>
  );
}
