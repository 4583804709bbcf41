import { Skeleton, UnstyledButton } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Proof, Task } from "../api/types";
import { part } from "../part/part";
import { usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useProofs } from "../task/queries";
import styles from "./Proofs.module.css";
import { proofWords, sizeWords } from "./words";

const Preview = part(() => import("./Preview"));

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
  const { proof: wanted } = usePlace();
  const here = wanted === proof.id;
  const [opened, setOpened] = useState(here);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (here) row.current?.scrollIntoView({ block: "nearest" });
  }, [here]);
  const facts = proofWords(proof);
  return (
    <li ref={row} className={styles.proof} data-here={here || undefined}>
      <div className={styles.head}>
        <UnstyledButton className={styles.name} onClick={() => setOpened(!opened)} aria-expanded={opened}>
          <span className={styles.sign} aria-hidden="true">
            {opened ? "▾" : "▸"}
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
      {opened && <Preview proof={proof} />}
    </li>
  );
}
