import type { ModelJob } from "../api/types";
import { ago } from "../clock/words";
import { useNow } from "../clock/useNow";
import page from "../theme/Page.module.css";
import { milliseconds } from "./words";

type Fields = Record<string, unknown>;

/** What was measured or seen last, with its date. */
export function Result({ job }: { job: ModelJob }) {
  const now = useNow(60);
  const when = job.finished_at === null ? "" : ago(job.finished_at, now);
  const words = job.kind === "bench" ? benchWords(job.result ?? {}) : probeWords(job.result ?? {});
  return (
    <p className={page.hint}>
      {job.kind === "bench" ? "Measured" : "Tried out"} {when}: {words}
    </p>
  );
}

export function benchWords(result: Fields): string {
  const [warm, cold] = [fields(result.warm), fields(result.cold)];
  const parts = [
    `${numberOf(warm.answer_per_second)} tokens a second`,
    `first token after ${milliseconds(asNumber(warm.first_token_ms))} warm`,
    asNumber(cold.first_token_ms) === null ? "" : `${milliseconds(asNumber(cold.first_token_ms))} cold`,
    asNumber(cold.load_ms) === null ? "" : `of which loading ${milliseconds(asNumber(cold.load_ms))}`,
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}

export function probeWords(result: Fields): string {
  const edits = Object.entries(fields(result.edits))
    .filter(([, worked]) => worked === true)
    .map(([name]) => name);
  const parts = [
    edits.length > 0 ? `edits in ${edits.join(", ")}` : "no edit worked: it is not fit to write code",
    result.tools === true ? "calls tools" : "calls no tools",
    result.json_schema === true ? "keeps to JSON schemas" : "keeps to no JSON schema",
  ];
  return `${parts.join("; ")}.`;
}

const fields = (value: unknown): Fields => (value !== null && typeof value === "object" ? (value as Fields) : {});
const asNumber = (value: unknown): number | null => (typeof value === "number" ? value : null);
const numberOf = (value: unknown): string => asNumber(value)?.toLocaleString("en") ?? "?";
