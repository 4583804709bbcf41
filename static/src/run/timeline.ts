import type { HubEvent, Run } from "../api/types";
import { told } from "../api/told";
import { secondsBetween } from "../clock/words";
import { runSeconds } from "./words";

export interface RunRow {
  kind: "run";
  key: string;
  run: Run;
  start: string;
  seconds: number;
}

export interface WaitRow {
  kind: "wait";
  key: string;
  why: "waiting" | "paused" | "blocked" | "queued";
  reason: string;
  start: string;
  seconds: number;
  /** It lasts still. */
  open: boolean;
}

export type Row = RunRow | WaitRow;

/** From these on a task stands otherwise; each wait ends with the next of them. */
export const STANDINGS = [
  "task.idle",
  "task.queued",
  "task.running",
  "task.waiting",
  "task.paused",
  "task.blocked",
  "task.done",
  "task.cancelled",
] as const;

const WAITS = ["waiting", "paused", "blocked", "queued"] as const;
/** A queue of less is how the hub works, not a wait. */
const SHORTEST_QUEUE_S = 2;

/** Runs, and between them what the task waited for, oldest first. `now` in milliseconds. */
export function timeline(runs: Run[], standings: Pick<HubEvent, "seq" | "at" | "kind" | "data">[], now: number): Row[] {
  const waits = standings.flatMap((event, index): WaitRow[] => {
    const why = WAITS.find((each) => event.kind === `task.${each}`);
    if (why === undefined) return [];
    const next = standings[index + 1];
    const seconds = Math.max(0, secondsBetween(event.at, next?.at ?? now));
    if (why === "queued" && seconds < SHORTEST_QUEUE_S) return [];
    const reason = told(event.data, "reason");
    return [{ kind: "wait", key: `w${event.seq}`, why, reason, start: event.at, seconds, open: next === undefined }];
  });
  const rows = runs.map((run): RunRow => {
    const start = run.started_at ?? run.queued_at;
    return { kind: "run", key: run.id, run, start, seconds: runSeconds(run, now) ?? 0 };
  });
  return [...rows, ...waits].sort((one, other) => one.start.localeCompare(other.start));
}

export interface Bar {
  left: number;
  width: number;
  /** Longer than it is drawn. */
  cut: boolean;
}

const CUT = 1.5;
const THINNEST = 2;

/** Where each row's bar lies, in per cent: one after the other, a wait never wider than 1.5 of the longest run. */
export function bars(rows: readonly Pick<Row, "kind" | "seconds">[]): Bar[] {
  const longest = Math.max(1, ...rows.filter(({ kind }) => kind === "run").map(({ seconds }) => seconds));
  const most = longest * CUT;
  const drawn = rows.map(({ seconds }) => Math.min(seconds, most));
  const total = drawn.reduce((sum, each) => sum + each, 0) || 1;
  let before = 0;
  return rows.map(({ seconds }, index) => {
    const own = drawn[index] ?? 0;
    const width = Math.max(THINNEST, (own / total) * 100);
    const left = Math.min((before / total) * 100, 100 - width);
    before += own;
    return { left, width, cut: seconds > most };
  });
}
