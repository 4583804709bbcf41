import type { Plan, PlanProgress } from "../api/types";
import { duration } from "../clock/words";
import type { Tone } from "../tag/Tag";
import { bodyOf } from "./body";

const STATES: Record<string, [string, Tone]> = {
  draft: ["being drafted", "plain"],
  waiting: ["waits for you", "wait"],
  changes_asked: ["changes asked", "plain"],
  approved: ["approved, under way", "accent"],
  rejected: ["rejected", "plain"],
  done: ["done", "ok"],
};

const SIZES: Record<string, string> = { S: "small", M: "medium", L: "large" };

/** Its tasks are on the board. */
export const isFlowing = (plan: Pick<Plan, "state"> | undefined): boolean =>
  plan?.state === "approved" || plan?.state === "done";

export const planState = (state: string): [string, Tone] => STATES[state] ?? [state.replaceAll("_", " "), "plain"];

export const sizeWords = (size: string): string => SIZES[size] ?? size;

const ANSWERS: Record<string, string> = { task: "one task", report: "research that ends in a report" };

/** "3 tasks · medium · about 40 min · this project's tasks took 55 min" */
export function planSize(plan: Plan): string {
  const { tasks, complexity, estimated_minutes } = bodyOf(plan);
  const count = ANSWERS[plan.answer] ?? (tasks.length === 1 ? "1 task" : `${tasks.length} tasks`);
  const time = estimated_minutes === null ? "" : `about ${estimated_minutes} min`;
  const { minutes_measured } = plan;
  const measured = minutes_measured === null ? "" : `such tasks took ${duration(minutes_measured * 60)} here`;
  return [count, complexity, time, measured].filter(Boolean).join(" · ");
}

/** A fault with the number a person sees, in place of the id that the model gave the task. */
export const faultWords = (fault: string, numbers: Map<string, number>): string => {
  for (const [id, number] of numbers)
    for (const start of [`Task ${id} `, `The title of task ${id} `])
      if (fault.startsWith(start)) return fault.replace(` ${id} `, ` ${number} `);
  return fault;
};

/** The faults that are about this task. */
export const faultsOf = (faults: string[], id: string): string[] =>
  id === ""
    ? []
    : faults.filter((fault) => fault.startsWith(`Task ${id} `) || fault.startsWith(`The title of task ${id} `));

/** "33 % done · 12 min of work · $0.40 · about 24 min left" */
export function progressWords(progress: PlanProgress): string {
  const { share, seconds_worked, cost, minutes_left } = progress;
  return [
    `${Math.round(share * 100)} % done`,
    seconds_worked > 0 ? `${duration(seconds_worked)} of work` : "",
    cost > 0 ? `$${cost.toFixed(2)}` : "",
    minutes_left === null ? "" : `about ${duration(minutes_left * 60)} left`,
  ]
    .filter(Boolean)
    .join(" · ");
}

const FIELDS: Record<string, string> = {
  depends_on: "starts after",
  estimated_minutes: "minutes, estimated",
  criteria: "done when",
};

export const fieldWords = (field: string): string => FIELDS[field] ?? field;

/** A value of a plan's field for a person: lists by their parts, criteria by their words. */
export function valueWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueWords).join("; ") || "nothing";
  if (value !== null && typeof value === "object") {
    const { text, check } = value as { text?: unknown; check?: unknown };
    return `${String(text)} (${String(check)})`;
  }
  return typeof value === "string" || typeof value === "number" ? String(value) || "nothing" : "nothing";
}

const TOLD_BY_STATE: Record<string, number> = { waiting: 0, changes_asked: 1, approved: 1, rejected: 1, done: 2 };

/** Whether a person changed the PM's words: each edit makes a version, and so does each decision. */
export const wasEdited = (plan: Pick<Plan, "version" | "state">): boolean =>
  plan.version > 1 + (TOLD_BY_STATE[plan.state] ?? 0);
