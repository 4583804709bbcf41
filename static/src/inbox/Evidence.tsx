import type { Task } from "../api/types";
import { EvidenceBox } from "../task/EvidenceBox";
import Changes from "../diff/Changes";
import { GateBox } from "../task/GateBox";
import styles from "./Inbox.module.css";

/** What is known of the item's task: what was proven, what its gate said, and the change where one is approved. */
export default function Evidence({ task, changes }: { task: Task; changes: boolean }) {
  return (
    <div className={styles.evidence}>
      <EvidenceBox task={task} />
      {changes ? <Changes task={task} /> : <GateBox task={task} failed />}
    </div>
  );
}
