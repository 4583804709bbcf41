import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { Problem } from "../api/problem";
import type { Proof } from "../api/types";
import { duration } from "../clock/words";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import styles from "./Proofs.module.css";
import { type Reading, readingOf } from "./reading";
import { sizeWords } from "./words";

/** Larger ones are read as far as the hub's own preview goes. */
const WHOLE_BYTES = 2_000_000;

async function textOf(proof: Proof): Promise<{ text: string; cut: boolean; picture: boolean }> {
  const preview = await body(api.GET("/proofs/{proof_id}/preview", { params: { path: { proof_id: proof.id } } }));
  if (preview.form !== "text") return { text: "", cut: false, picture: preview.form === "picture" };
  if (!preview.truncated || proof.size > WHOLE_BYTES)
    return { text: preview.text ?? "", cut: preview.truncated, picture: false };
  const whole = await fetch(`/proofs/${proof.id}/download`, { credentials: "same-origin" });
  if (!whole.ok) throw new Problem(whole.status, "proof_unread", "The proof could not be read.", "Download it.");
  return { text: await whole.text(), cut: false, picture: false };
}

/** A proof as it is best read: a picture, the tests of a report, the findings of a scanner, a table or its text. */
export default function Preview({ proof }: { proof: Proof }) {
  const read = useQuery({ queryKey: ["proof", proof.id, proof.sha256], queryFn: () => textOf(proof) });
  if (read.isPending) return <Skeleton height={80} radius={6} />;
  if (read.isError) return <ProblemNote error={read.error} again={() => void read.refetch()} />;
  const { text, cut, picture } = read.data;
  if (picture)
    return (
      <a className={styles.picture} href={`/proofs/${proof.id}/download`} download={proof.name}>
        <img src={`/proofs/${proof.id}/thumbnail`} alt={proof.note || proof.name} loading="lazy" />
      </a>
    );
  if (!text) return <p className={styles.none}>Nothing of it can be shown here: download it.</p>;
  return (
    <>
      <Read reading={readingOf(proof.name, proof.media_type, text)} />
      {cut && <p className={styles.none}>This is its beginning; all of it has {sizeWords(proof.size)}: download it.</p>}
    </>
  );
}

function Read({ reading }: { reading: Reading }) {
  if (reading.form === "tests") return <Tests rows={reading.rows} />;
  if (reading.form === "text")
    return (
      <pre className={styles.preview} tabIndex={0}>
        {reading.text}
      </pre>
    );
  if (reading.form === "findings" && reading.rows.length === 0) return <p className={styles.none}>It found nothing.</p>;
  const [columns, rows] =
    reading.form === "table"
      ? [reading.columns, reading.rows]
      : [
          ["level", "rule", "what", "where"],
          reading.rows.map(({ level, rule, message, place }) => [level, rule, message, place]),
        ];
  return <Table columns={columns} rows={rows} />;
}

const SHOWN = 200;

function Table({ columns, rows }: { columns: string[]; rows: string[][] }) {
  const [all, setAll] = useState(false);
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label="Table">
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, all ? undefined : SHOWN).map((row, index) => (
            <tr key={index}>
              {row.map((cell, at) => (
                <td key={at}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > SHOWN && !all && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          All {rows.length.toLocaleString("en")}
        </Button>
      )}
    </div>
  );
}

const TONES = { passed: "ok", failed: "bad", skipped: "plain" } as const;
const RANK = { failed: 0, skipped: 1, passed: 2 } as const;

function Tests({ rows }: { rows: Extract<Reading, { form: "tests" }>["rows"] }) {
  const [all, setAll] = useState(false);
  const sorted = rows.toSorted((one, other) => RANK[one.state] - RANK[other.state]);
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label="Tests">
      <table className={styles.table} data-of="tests">
        <thead>
          <tr>
            <th scope="col">test</th>
            <th scope="col">result</th>
            <th scope="col">time</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, all ? undefined : SHOWN).map((row, index) => (
            <tr key={index}>
              <td>
                {row.name}
                {row.message && <pre className={styles.preview}>{row.message}</pre>}
              </td>
              <td>
                <Tag tone={TONES[row.state]}>{row.state}</Tag>
              </td>
              <td>
                {row.seconds === null ? "" : row.seconds < 1 ? `${row.seconds.toFixed(2)} s` : duration(row.seconds)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > SHOWN && !all && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          All {rows.length.toLocaleString("en")}
        </Button>
      )}
    </div>
  );
}
