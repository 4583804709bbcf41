import type { Tab } from "../place/place";
import type { Tone } from "../tag/Tag";

const TONES: Record<string, Tone> = { waiting: "wait", done: "ok", paused: "wait", running: "accent" };

export const stateTone = (state: string): Tone => TONES[state] ?? "plain";

const STATES: Record<string, string> = {
  idle: "not started",
  blocked: "waits for other tasks",
  queued: "waits for a free agent",
  running: "an agent is at work",
  waiting: "waits for you",
  paused: "paused",
  done: "done",
  cancelled: "cancelled",
};

const WAITS: Record<string, string> = {
  approval: "waits for your approval",
  answer: "asks you something",
  budget: "the budget is used up",
  conflict: "conflicts with main",
  stall: "got stuck",
  rounds: "too many rounds",
  evidence: "look at the evidence",
  workspace: "the workspace needs you",
  model: "the model is not there",
  trigger: "waits for your click",
};

export interface Standing {
  state: string;
  waiting_reason: string | null;
  paused_at?: string | null;
  current_run_id?: string | null;
}

export const stateWords = ({ state, waiting_reason }: Standing): string =>
  state === "waiting" ? shortWait(waiting_reason) : (STATES[state] ?? state.replaceAll("_", " "));

export const shortWait = (reason: string | null): string => WAITS[reason ?? ""] ?? "waits for you";

/** Whether the person can set the task going, and with which word. Null where there is nothing to start. */
export function startWord({ state, waiting_reason, paused_at, current_run_id }: Standing): string | null {
  if (paused_at || (state === "paused" && current_run_id)) return null; // it is resumed
  if (state === "idle") return "Start";
  if (state === "paused") return "Run again";
  if (state !== "waiting" || waiting_reason === "approval") return null;
  if (waiting_reason === "trigger") return "Run";
  if (waiting_reason === "budget") return "Begin anew";
  if (waiting_reason === "answer") return "Go on without an answer";
  return waiting_reason === "rounds" ? "Let them try again" : "Try again";
}

/** A gate's rule by its name in a workflow's file: `commands_pass`. */
export const ruleWords = (rule: string): string => rule.replaceAll("_", " ");

/** What a move by hand brings about, in a sentence. */
export function moveMeans({ state, key }: { state: string; key: string }, stage: string | null): string {
  if (stage === null) return "Choose where it goes.";
  const first = state === "running" ? "The run at work is stopped; what it had not committed is left behind. " : "";
  if (stage === "backlog") return `${first}${key} rests in the backlog until you start it.`;
  if (stage === "done") return `${first}${key} counts as done, and what waited for it may begin.`;
  return `${first}${key} waits there for its turn, or for you where a person decides. What you were asked about it is void.`;
}

/** Where a task is opened: at the change that waits for a word, at the work under way, else at what it is. */
export function firstTab({ state, waiting_reason, stage }: Standing & { stage: string }): Tab {
  if (state === "running") return "runs";
  if (state === "waiting" && waiting_reason === "approval") return "changes";
  return state === "done" && stage === "done" ? "changes" : "overview";
}

/** What is known of a task: nothing while nobody has looked. */
export function worthTelling<Line extends { state: string }>(lines: Line[]): Line[] {
  return lines.every(({ state }) => state === "missing") ? [] : lines;
}
