import type { WorkflowChecked } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import type { Checked } from "./useChecked";
import styles from "./Workflow.module.css";

interface Props {
  checked: Checked | null;
  /** What the check says of the text as it stands; null while it is under way. */
  current: WorkflowChecked | null;
  goTo: (line: number) => void;
}

/** The check in words: each fault leads to its line. */
export function Checks({ checked, current, goTo }: Props) {
  if (checked?.problem) return <ProblemNote error={checked.problem} />;
  const state = current === null ? "checking" : current.valid ? "valid" : "faulty";
  const more = current === null ? 0 : current.faults - current.errors.length;
  return (
    <div className={styles.checks} data-state={state} role="status" aria-label="The check">
      {current === null && <p>Checking…</p>}
      {current?.valid && (
        <p>
          The hub can use it: {current.name}, {current.stages.length} stages.
        </p>
      )}
      {current !== null && !current.valid && (
        <>
          <p>{current.faults === 1 ? "One fault:" : `${current.faults} faults:`}</p>
          <ol className={styles.faults}>
            {current.errors.map(({ line, column, what }) => (
              <li key={`${line}:${column}:${what}`}>
                <button type="button" className={styles.jump} onClick={() => goTo(line)}>
                  line {line}
                </button>{" "}
                {what}
              </li>
            ))}
          </ol>
          {more > 0 && <p>and {more} more</p>}
        </>
      )}
    </div>
  );
}
