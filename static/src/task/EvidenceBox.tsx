import { Skeleton } from "@mantine/core";
import type { Evidence, Task } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./EvidenceBox.module.css";
import { worthTelling } from "./words";
import { useEvidence } from "./queries";

const MARKS: Record<Evidence["state"], [string, string]> = {
  proven: ["✓", "proven"],
  judged: ["◦", "judged, not proven"],
  missing: ["–", "not shown yet"],
  failed: ["✗", "failed"],
};

/** What code saw, above what was changed: a fact with its proof, or a plain word that there is none. */
export function EvidenceBox({ task }: { task: Task }) {
  const evidence = useEvidence(task.id);
  if (evidence.isPending) return <Skeleton height={110} radius={8} />;
  const lines = worthTelling(evidence.data ?? []);
  if (!evidence.isError && lines.length === 0) return null;
  return (
    <section className={styles.box} aria-labelledby="proven">
      <h3 id="proven">What was proven</h3>
      {evidence.isError && <ProblemNote error={evidence.error} again={() => void evidence.refetch()} />}
      <ul className={styles.list}>
        {lines.map((line) => (
          <Line key={`${line.sentence}${line.label}`} line={line} />
        ))}
      </ul>
    </section>
  );
}

function Line({ line }: { line: Evidence }) {
  const place = usePlace();
  const [mark, meaning] = MARKS[line.state];
  return (
    <li className={styles.line} data-state={line.state}>
      <span className={styles.mark} role="img" aria-label={meaning}>
        {mark}
      </span>
      <span className={styles.words}>{line.sentence}</span>
      {line.proof_id === null ? (
        <code title={line.label}>{line.label}</code>
      ) : (
        <a {...linkTo(place, { tab: "evidence", proof: line.proof_id })} title={`${line.label}: see the proof`}>
          <code>{line.label}</code>
        </a>
      )}
    </li>
  );
}
