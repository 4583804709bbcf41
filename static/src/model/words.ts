import type { ModelCall, ModelFit, ModelHere, ModelJob, RoleModels } from "../api/types";
import { duration } from "../clock/words";
import { costWords } from "../frame/words";
import type { Tone } from "../tag/Tag";

const GIB = 2 ** 30;

/** "1.8 GiB", "412 MiB" */
export function sizeWords(bytes: number): string {
  if (bytes >= GIB) return `${(bytes / GIB).toFixed(1)} GiB`;
  return bytes >= 2 ** 20 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${Math.round(bytes / 1024)} KiB`;
}

export const tokensWords = (count: number): string => count.toLocaleString("en");

/** The parts of what a model takes on the card, in the order in which they are drawn. */
export const fitParts = (fit: ModelFit) =>
  [
    { name: "weights", bytes: fit.weights },
    { name: `KV cache (${fit.kv_type})`, bytes: fit.kv },
    { name: "compute buffers", bytes: fit.compute },
    { name: "driver", bytes: fit.driver },
  ] as const;

/** "1.0 GiB weights + 0.1 GiB KV cache … = 2.0 GiB of 3.6 GiB at 8,192 tokens" */
export function fitWords(fit: ModelFit): string {
  const parts = fitParts(fit).map(({ name, bytes }) => `${sizeWords(bytes)} ${name}`);
  return `${parts.join(" + ")} = ${sizeWords(fit.total)} of ${sizeWords(fit.usable)} at ${tokensWords(fit.context)} tokens`;
}

export function fitTag(fit: ModelFit): [string, Tone] {
  return fit.fits ? ["fits", "ok"] : [`${sizeWords(fit.total - fit.usable)} too large`, "wait"];
}

/** Where it is now: all of it on the card, or a part. */
export function loadedWords(loaded: NonNullable<ModelHere["loaded"]>): string {
  if (loaded.card_bytes === 0) return "loaded, not on the card";
  if (loaded.bytes > loaded.card_bytes)
    return `loaded, ${Math.round((loaded.card_bytes / loaded.bytes) * 100)} % on the card`;
  return "loaded on the card";
}

const KINDS: Record<ModelJob["kind"], string> = { pull: "Fetch", bench: "Measure", probe: "Try out" };
const DOING: Record<ModelJob["kind"], string> = { pull: "Fetching", bench: "Measuring", probe: "Trying out" };
export const kindWords = (kind: ModelJob["kind"]): string => KINDS[kind];
export const doingWords = (kind: ModelJob["kind"]): string => DOING[kind];

export const isLive = ({ state }: Pick<ModelJob, "state">): boolean => state === "queued" || state === "running";

const STATES: Record<ModelJob["state"], [string, Tone]> = {
  queued: ["waits its turn", "plain"],
  running: ["at work", "accent"],
  done: ["done", "ok"],
  failed: ["failed", "bad"],
  cancelled: ["cancelled", "plain"],
  interrupted: ["interrupted", "wait"],
};
export const jobState = (state: ModelJob["state"]): [string, Tone] => STATES[state];

/** What may be asked for once more: of a fetched model what is there is kept. */
export function againWords({ kind, state }: Pick<ModelJob, "kind" | "state">): string {
  if (state === "queued" || state === "running") return "";
  if (kind === "pull") return state === "done" ? "" : "Go on";
  return "Again";
}

const count = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** Percent of what is fetched; null where nobody knows how much it is. */
export function percent(progress: ModelJob["progress"]): number | null {
  const [there, total] = [count(progress.bytes), count(progress.total)];
  return there === null || !total ? null : Math.min(100, (there / total) * 100);
}

export function progressWords(progress: ModelJob["progress"]): string {
  const [there, total, speed, left] = [
    count(progress.bytes),
    count(progress.total),
    count(progress.bytes_per_second),
    count(progress.seconds_left),
  ];
  const words = typeof progress.words === "string" ? progress.words : "";
  if (there === null || total === null) return words;
  const more = [
    `${sizeWords(there)} of ${sizeWords(total)}`,
    speed ? `${sizeWords(speed)} a second` : "",
    left === null ? "" : `${duration(left)} left`,
  ];
  return more.filter(Boolean).join(" · ");
}

const SAID_BY: Record<RoleModels["said_by"], string> = {
  project: "the project says so for this role",
  role: "the role says so",
  project_default: "the project's default",
  hub: "the hub's default",
};
export const saidBy = (who: RoleModels["said_by"]): string => SAID_BY[who];

/** What a model of an order is for; empty where for all. */
export function workWords({ complexity, size }: RoleModels["models"][number]): string {
  const sizes = size.length > 0 ? `size ${size.join(" or ")}` : "";
  return [complexity.join(" or "), sizes].filter(Boolean).join(", ");
}

const OUTCOMES: Record<string, [string, Tone]> = {
  open: ["is answering", "accent"],
  answered: ["answered", "ok"],
  replayed: ["from the store", "plain"],
  failed: ["failed", "bad"],
  refused: ["refused", "wait"],
  abandoned: ["left", "plain"],
};
export const outcomeOf = (outcome: string): [string, Tone] => OUTCOMES[outcome] ?? [outcome, "plain"];

export const milliseconds = (value: number | null): string =>
  value === null ? "" : value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;

export const callCost = ({ cost, estimated }: Pick<ModelCall, "cost" | "estimated">): string =>
  cost > 0 ? `${estimated ? "≤ " : ""}${costWords(cost)}` : "";

/** A body as it was kept, indented where it is JSON. Shown as text, whatever is in it. */
export function bodyWords(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
