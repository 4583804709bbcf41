import type { PlanProgress } from "../api/types";

const RESTS = new Set(["idle", "blocked", "queued"]);

/** The keys of the plan's tasks that no agent is at work on and that are not over. */
export const notBegun = (progress: PlanProgress | undefined): string[] =>
  progress?.tasks.filter(({ state }) => RESTS.has(state)).map(({ key }) => key) ?? [];

/** "TILL-2 and TILL-3 are held" */
export function heldWords(keys: readonly string[]): string {
  const named = new Intl.ListFormat("en").format(keys);
  return `${named} ${keys.length === 1 ? "is" : "are"} held`;
}
