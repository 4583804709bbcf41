import { Button } from "@mantine/core";
import { asProblem } from "../api/problem";
import styles from "./ProblemNote.module.css";

/** The hub's own sentence and its way out, where the content would have been. */
export function ProblemNote({ error, again }: { error: unknown; again?: (() => void) | undefined }) {
  const problem = asProblem(error);
  return (
    <div className={styles.note} role="alert">
      <p className={styles.sentence}>{problem.message}</p>
      {problem.wayOut && <p className={styles.way}>{problem.wayOut}</p>}
      {again && (
        <Button variant="default" onClick={again}>
          Try again
        </Button>
      )}
    </div>
  );
}
