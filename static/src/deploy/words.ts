import type { Deploy } from "../api/types";
import type { Tone } from "../tag/Tag";

const STATES: Record<Deploy["state"], { words: string; tone: Tone }> = {
  queued: { words: "waits for its turn", tone: "plain" },
  running: { words: "runs now", tone: "accent" },
  passed: { words: "deployed", tone: "ok" },
  failed: { words: "failed", tone: "bad" },
  interrupted: { words: "cut off", tone: "bad" },
  cancelled: { words: "cancelled", tone: "plain" },
  skipped: { words: "skipped", tone: "plain" },
};

const DECIDED: Record<NonNullable<Deploy["decision"]>, string> = {
  again: "deployed again",
  send_back: "sent back",
  accept: "accepted",
};

/** How a deploy stands, with what was decided about one that failed. */
export function stateOf({ state, waits, decision }: Deploy): { words: string; tone: Tone } {
  const { words, tone } = STATES[state];
  if (waits) return { words: `${words}, waits for you`, tone: "wait" };
  return decision === null ? { words, tone } : { words: `${words}, ${DECIDED[decision]}`, tone };
}

export const isUnderWay = ({ state }: Pick<Deploy, "state">): boolean => state === "queued" || state === "running";
