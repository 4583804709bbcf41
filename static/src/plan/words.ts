import type { Plan } from "../api/types";
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

export const planState = (state: string): [string, Tone] => STATES[state] ?? [state.replaceAll("_", " "), "plain"];

export const sizeWords = (size: string): string => SIZES[size] ?? size;

/** "3 tasks · medium · about 40 min" */
export function planSize(plan: Plan): string {
  const { tasks, complexity, estimated_minutes } = bodyOf(plan);
  const count = tasks.length === 1 ? "1 task" : `${tasks.length} tasks`;
  const time = estimated_minutes === null ? "" : `about ${estimated_minutes} min`;
  return [count, complexity, time].filter(Boolean).join(" · ");
}
