import type { Run } from "../api/types";
import { secondsBetween } from "../clock/words";
import type { Tone } from "../tag/Tag";
import type { WaitRow } from "./timeline";

const STATES: Record<string, [string, Tone]> = {
  queued: ["waits to start", "plain"],
  running: ["at work", "accent"],
  passed: ["passed", "ok"],
  failed: ["failed", "bad"],
  blocked: ["stopped", "wait"],
  cancelled: ["killed", "plain"],
  lost: ["interrupted", "plain"],
};

export const runState = (state: string): [string, Tone] => STATES[state] ?? [state, "plain"];

export const isLive = (run: Pick<Run, "state">): boolean => run.state === "queued" || run.state === "running";

type Clock = Pick<Run, "started_at" | "finished_at" | "held_at" | "paused_seconds">;

/** Seconds of work, up to now while it runs, without the time it stood still; null before it began. */
export function runSeconds({ started_at, finished_at, held_at, paused_seconds }: Clock, now?: number): number | null {
  const end = finished_at ?? held_at ?? now;
  if (started_at === null || end === undefined) return null;
  return Math.max(0, secondsBetween(started_at, end) - paused_seconds);
}

/** "DEV, try 2" */
export const runName = (run: Pick<Run, "stage" | "attempt">): string =>
  `${run.stage.toUpperCase()}${run.attempt > 1 ? `, try ${run.attempt}` : ""}`;

/** What its models were not told, for want of room in their context; empty where they were told all. */
export function leftOut({ prompts }: Pick<Run, "prompts">): string {
  const missing = [...new Set(prompts.flatMap((prompt) => prompt.left_out))];
  return missing.length === 0 ? "" : `Not told, for want of room in the model's context: ${missing.join(", ")}.`;
}

const WAITED: Record<string, string> = {
  approval: "for your approval",
  answer: "for your answer",
  budget: "for more money",
  conflict: "for a way out of the conflict",
  evidence: "for your look at the evidence",
  trigger: "for your click",
  deploy: "for your word on the deployment",
};

/** "waited for your approval" */
export function waitWords({ why, reason, open }: Pick<WaitRow, "why" | "reason" | "open">): string {
  const verb = open ? "waits" : "waited";
  if (why === "paused") return open ? "is paused" : "was paused";
  if (why === "blocked") return `${verb} for other tasks`;
  return why === "queued" ? `${verb} for a free agent` : `${verb} ${WAITED[reason] ?? "for you"}`;
}
