import type { Plan, PlanPatch } from "../api/types";
import { keep, kept } from "../draft/kept";
import { bodyOf, type PlanBody, type PlannedTask } from "./body";

/** A plan while a person edits it. */
export interface Draft extends PlanBody {
  summary: string;
}

export const draftOf = (plan: Plan): Draft => ({ ...bodyOf(plan), summary: plan.summary });

/** What is sent: the fields that differ from the plan as it was read. */
export function patchOf(plan: Plan, draft: Draft): PlanPatch | null {
  const before = draftOf(plan);
  const changed = (Object.keys(draft) as (keyof Draft)[]).filter(
    (name) => JSON.stringify(draft[name]) !== JSON.stringify(before[name]),
  );
  if (changed.length === 0) return null;
  const named = Object.fromEntries(changed.map((name) => [name, draft[name]]));
  return { ...named, version: plan.version } as PlanPatch; // only what is named changes
}

export function changed(tasks: PlannedTask[], index: number, fields: Partial<PlannedTask>): PlannedTask[] {
  return tasks.map((task, at) => (at === index ? { ...task, ...fields } : task));
}

export function moved(tasks: PlannedTask[], index: number, by: -1 | 1): PlannedTask[] {
  const [task, other] = [tasks[index], tasks[index + by]];
  if (!task || !other) return tasks;
  return tasks.map((each, at) => (at === index ? other : at === index + by ? task : each));
}

/** Without the task; nothing waits for it any more. */
export function dropped(tasks: PlannedTask[], index: number): PlannedTask[] {
  const gone = tasks[index];
  return tasks
    .filter((_, at) => at !== index)
    .map((task) => ({ ...task, depends_on: task.depends_on.filter((id) => id !== gone?.id) }));
}

export function added(tasks: PlannedTask[]): PlannedTask[] {
  const ids = new Set(tasks.map((task) => task.id));
  let number = tasks.length + 1;
  while (ids.has(`task-${number}`)) number += 1;
  const fresh: PlannedTask = {
    id: `task-${number}`,
    title: "",
    description: "",
    kind: "feature",
    priority: 5,
    size: "M",
    files: [],
    criteria: [{ text: "", check: "" }],
    depends_on: [],
  };
  return [...tasks, fresh];
}

const edit = (plan: Plan): string => `plan.${plan.id}.${plan.version}`;

export const draftKept = (plan: Plan): Draft | null => kept(edit(plan)) as Draft | null;

export const keepDraft = (plan: Plan, draft: Draft | null): void =>
  keep(edit(plan), draft === null || patchOf(plan, draft) === null ? null : draft);

/** A word on the plan that was begun and not sent; `say` is null where its words were put aside. */
export interface Said {
  say: "change" | "reject" | null;
  words: string;
}

const word = (plan: number): string => `plan.word.${plan}`;

export const saidKept = (plan: number): Said => (kept(word(plan)) as Said | null) ?? { say: null, words: "" };

export const keepSaid = (plan: number, said: Said | null): void =>
  keep(word(plan), said === null || (said.say === null && said.words === "") ? null : said);
