import type { UsageBy } from "./queries";

/** A day of the zone, as dates are written in an address: 2026-01-31. */
export const dayIn = (zone: string, at: Date): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);

export const zoneHere = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const DAY = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", timeZone: "UTC" });
export const dayWords = (day: string): string => DAY.format(new Date(`${day}T00:00:00Z`));

const COUNT = new Intl.NumberFormat();
export const count = (value: number): string => COUNT.format(value);

const SHORT = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
export const short = (value: number): string => SHORT.format(value);

export const percent = (share: number | null): string => (share === null ? "–" : `${Math.round(share * 1000) / 10} %`);

/** As the hub says it, with its sign; what providers did not say is marked. */
export const dollars = (amount: string): string => `$${amount}`;
export const isGuessed = (row: { estimated_calls: number }): boolean => row.estimated_calls > 0;

const REASONS: Record<string, string> = {
  approval: "approval of a change",
  answer: "an answer",
  budget: "money",
  conflict: "a conflict",
  stall: "a stalled run",
  rounds: "rounds used up",
  workspace: "the workspace",
  model: "a model",
  evidence: "evidence",
  deploy: "a deploy",
  trigger: "a click to start",
  plan: "approval of a plan",
};
export const reasonWords = (reason: string): string => REASONS[reason] ?? (reason || "no reason told");

export const NONE: Record<UsageBy, string> = {
  day: "–",
  project: "outside of projects",
  stage: "outside of runs",
  role: "without a role",
  model: "without a model",
};
