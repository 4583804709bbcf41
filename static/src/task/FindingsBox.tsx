import type { Task } from "../api/types";
import styles from "./EvidenceBox.module.css";
import { useFindings } from "./queries";

/** What stands against the change: the words DEV gets for its next round. */
export function FindingsBox({ task }: { task: Task }) {
  const { data } = useFindings(task.id);
  const open = data?.filter((finding) => finding.state === "open") ?? [];
  if (open.length === 0) return null;
  return (
    <section className={styles.box} data-tone="bad" aria-labelledby="findings">
      <h3 id="findings">What is to be mended</h3>
      <ul className={styles.list}>
        {open.map((finding) => (
          <li key={finding.id}>
            <span className={styles.words}>{finding.title}</span>{" "}
            <span className={styles.where}>
              {finding.severity}, found by {finding.stage.toUpperCase()} in round {finding.round}
              {finding.file && ` · ${finding.file}${finding.line ? `:${finding.line}` : ""}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
