import { Skeleton, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { Proof, Task } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { useProofs } from "../task/queries";
import styles from "./Proofs.module.css";
import { previewWords, proofWords, sizeWords } from "./words";

export function Proofs({ task }: { task: Task }) {
  const proofs = useProofs(task.id);
  if (proofs.isPending) return <Skeleton height={120} radius={8} />;
  if (proofs.isError) return <ProblemNote error={proofs.error} again={() => void proofs.refetch()} />;
  if (proofs.data.length === 0)
    return <p className={styles.none}>No proof yet. Runs leave reports, logs and diffs here.</p>;
  return (
    <ol className={styles.list}>
      {proofs.data.toReversed().map((proof) => (
        <OneProof key={proof.id} proof={proof} />
      ))}
    </ol>
  );
}

function OneProof({ proof }: { proof: Proof }) {
  const [opened, setOpened] = useState(false);
  const facts = proofWords(proof);
  return (
    <li className={styles.proof}>
      <div className={styles.head}>
        <UnstyledButton
          className={styles.name}
          onClick={() => setOpened(!opened)}
          aria-expanded={opened}
          disabled={!proof.preview}
        >
          <span className={styles.sign} aria-hidden="true">
            {proof.preview ? (opened ? "▾" : "▸") : "·"}
          </span>
          {proof.name}
        </UnstyledButton>
        <span className={styles.stage}>{proof.stage.toUpperCase()}</span>
        <a className={styles.download} href={`/proofs/${proof.id}/download`} download={proof.name}>
          Download<span className="wf-hidden"> {proof.name}</span>
        </a>
      </div>
      <p className={styles.facts}>
        {[facts, proof.kind, sizeWords(proof.size)].filter(Boolean).join(" · ")}
        <code title={`SHA-256 ${proof.sha256}`}>{proof.sha256.slice(0, 12)}</code>
      </p>
      {opened && (
        <pre className={styles.preview} tabIndex={0}>
          {previewWords(proof)}
        </pre>
      )}
    </li>
  );
}
