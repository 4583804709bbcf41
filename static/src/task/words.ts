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
  workspace: "your workspace is in the way",
  model: "the model is not there",
  trigger: "waits for your click",
};

export interface Standing {
  state: string;
  waiting_reason: string | null;
}

export const stateWords = ({ state, waiting_reason }: Standing): string =>
  state === "waiting" ? shortWait(waiting_reason) : (STATES[state] ?? state.replaceAll("_", " "));

export const shortWait = (reason: string | null): string => WAITS[reason ?? ""] ?? "waits for you";

/** Whether the person can set the task going, and with which word. Null where there is nothing to start. */
export function startWord({ state, waiting_reason }: Standing): string | null {
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
