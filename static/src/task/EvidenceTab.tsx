import type { Task } from "../api/types";
import { Proofs } from "../proof/Proofs";
import { Findings } from "./Findings";
import { EvidenceBox } from "./EvidenceBox";
import { GateBox } from "./GateBox";
import styles from "./Overview.module.css";

/** What is known and by what: the gate, what was found, and the proofs themselves. */
export default function EvidenceTab({ task }: { task: Task }) {
  return (
    <div className={styles.parts}>
      <EvidenceBox task={task} />
      <GateBox task={task} />
      <Findings task={task} />
      <section className={styles.part} aria-labelledby="proofs">
        <h3 id="proofs">Proofs</h3>
        <Proofs task={task} />
      </section>
    </div>
  );
}
