import type { Agent } from "../api/types";
import { duration } from "../clock/words";
import type { Tone } from "../tag/Tag";

const STATES: Record<Agent["state"], [string, Tone]> = {
  alive: ["there", "ok"],
  late: ["late", "wait"],
  gone: ["gone", "bad"],
  refused: ["does not take the token", "bad"],
};

export const stateOf = (agent: Agent): [string, Tone] => STATES[agent.state];

/** How long ago it answered; while it answers that is not worth a number. */
export function beatWords(agent: Pick<Agent, "state" | "seen_seconds_ago">): string {
  if (agent.seen_seconds_ago === null) return "has not answered since the hub started";
  return agent.state === "alive" || agent.state === "refused"
    ? "answers now"
    : `last answered ${duration(agent.seen_seconds_ago)} ago`;
}

/** "2 of 4 jobs"; what is given to it and between two steps is told too. */
export function loadWords(agent: Pick<Agent, "jobs" | "limit" | "capacity" | "runs">): string {
  const most = agent.capacity === null ? agent.limit : Math.min(agent.limit, agent.capacity);
  const now = `${agent.jobs.length} of ${most} ${most === 1 ? "job" : "jobs"}`;
  const between = agent.runs - agent.jobs.length;
  return between > 0 ? `${now}, ${between} between two steps` : now;
}

/** Where hub and agent say different numbers. */
export function limitWords({ limit, capacity }: Pick<Agent, "limit" | "capacity">): string {
  if (capacity === null || capacity === limit) return "";
  return limit < capacity
    ? `It takes ${capacity} jobs at once, the hub gives it ${limit}: raise AGENT_CAPACITY of the hub, or its capacity in AGENTS.`
    : `The hub gives it ${limit} jobs at once, it takes ${capacity}: the others wait for their turn.`;
}

const CAGES: Record<string, string> = {
  bubblewrap: "bubblewrap",
  landlock: "Landlock",
  none: "none, by your word",
};

export const cageName = (backend: string | null): string =>
  backend === null ? "none that works" : (CAGES[backend] ?? backend);

const DOES: Record<string, string> = {
  aider: "edits code with Aider",
  tools: "lets a model work with tools",
  command: "runs commands and tests",
  scan: "looks for weaknesses",
  vision: "describes pictures",
};

export const executorWords = (name: string): string => DOES[name] ?? "";

export function heldWords(held: string | null): string {
  if (held === null) return "";
  return held === "stopped" ? "paused" : "paused after this answer";
}
