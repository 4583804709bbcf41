import type { Evidence, Task } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { useEvidence } from "./queries";
import styles from "./TaskPanel.module.css";
import { worthTelling } from "./words";

const WORDS: [Evidence["state"], string][] = [
  ["failed", "✗ {} failed"],
  ["proven", "✓ {} proven"],
  ["judged", "◦ {} judged"],
  ["missing", "– {} not shown yet"],
];

/** How much of the task is proven, in one line; a click leads to the facts. */
export function ProvenLine({ task }: { task: Task }) {
  const place = usePlace();
  const { data } = useEvidence(task.id);
  const lines = worthTelling(data ?? []);
  if (lines.length === 0) return null;
  const count = (state: Evidence["state"]) => lines.filter((line) => line.state === state).length;
  return (
    <a className={styles.proven} {...linkTo(place, { tab: "evidence" })}>
      {WORDS.filter(([state]) => count(state) > 0).map(([state, words]) => (
        <span key={state} data-state={state}>
          {words.replace("{}", String(count(state)))}
        </span>
      ))}
    </a>
  );
}
