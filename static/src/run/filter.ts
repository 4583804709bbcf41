import type { operations } from "../api/schema";

type Query = NonNullable<operations["list_runs_runs_get"]["parameters"]["query"]>;
export type RunState = NonNullable<Query["state"]>[number];

/** In place of a role or a model: those that have none. */
export const NONE = "-";
export const RUN_STATES = ["queued", "running", "passed", "failed", "blocked", "cancelled", "lost"] as const;

export interface RunFilter {
  state: RunState[];
  stage: string | null;
  role: string | null;
  model: string | null;
  agent: string | null;
  /** Only those that an agent began with. */
  started: true | null;
  text: string | null;
  since: string | null;
  until: string | null;
}

/** As it stands in the address: states with commas between them, moments or days. What is none is left out. */
export function readRunFilter(asked: Readonly<Record<string, string>>): RunFilter {
  const wanted = (asked.state ?? "").split(",");
  return {
    state: RUN_STATES.filter((state) => wanted.includes(state)),
    stage: asked.stage ?? null,
    role: asked.role ?? null,
    model: asked.model ?? null,
    agent: asked.agent ?? null,
    started: asked.started === "yes" || null,
    text: asked.text?.trim() || null,
    since: moment(asked.since),
    until: moment(asked.until),
  };
}

function moment(text: string | undefined): string | null {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

const HOUR_MS = 3_600_000;
export const SPANS = { day: 24 * HOUR_MS, week: 168 * HOUR_MS, month: 720 * HOUR_MS } as const;
export type Span = keyof typeof SPANS;

/** Whole hours, so that the same choice is the same question for a while. */
export const sinceOf = (span: Span, now: number): string =>
  new Date(Math.floor((now - SPANS[span]) / HOUR_MS) * HOUR_MS).toISOString();

export function spanOf(since: string | null, now: number): Span | null {
  if (since === null) return null;
  const back = now - Date.parse(since);
  const near = (span: Span) => back >= SPANS[span] && back <= SPANS[span] + 2 * HOUR_MS;
  return (Object.keys(SPANS) as Span[]).find(near) ?? null;
}
