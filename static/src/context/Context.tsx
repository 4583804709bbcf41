import type { Task } from "../api/types";
import { PromptPreview } from "./PromptPreview";
import styles from "./Context.module.css";

/** What the next agent is told, and what earlier ones left for it. */
export default function Context({ task }: { task: Task }) {
  return (
    <div className={styles.parts}>
      <PromptPreview task={task} />
    </div>
  );
}
