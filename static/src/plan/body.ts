import type { Plan } from "../api/types";

export interface PlannedTask {
  id: string;
  title: string;
  description: string;
  kind: string;
  priority: number;
  size: string;
  files: string[];
  criteria: { text: string; check: string }[];
  depends_on: string[];
}

export interface PlanBody {
  tasks: PlannedTask[];
  questions: string[];
  risks: string[];
  complexity: string;
  estimated_minutes: number | null;
}

/** What a model drafted, as far as it has the shape; a part that has not is empty. */
export function bodyOf(plan: Plan): PlanBody {
  const { tasks, questions, risks, complexity, estimated_minutes } = plan.body;
  return {
    tasks: list(tasks).filter(isRecord).map(taskOf),
    questions: words(questions),
    risks: words(risks),
    complexity: text(complexity),
    estimated_minutes: typeof estimated_minutes === "number" ? estimated_minutes : null,
  };
}

/** Task ids with the number a person sees: 1, 2, 3. */
export function numbersOf(tasks: PlannedTask[]): Map<string, number> {
  return new Map(tasks.map((task, index) => [task.id, index + 1]));
}

function taskOf(task: Record<string, unknown>): PlannedTask {
  return {
    id: text(task.id),
    title: text(task.title),
    description: text(task.description),
    kind: text(task.kind),
    priority: typeof task.priority === "number" ? task.priority : 5,
    size: text(task.size),
    files: words(task.files),
    criteria: list(task.criteria)
      .filter(isRecord)
      .map((criterion) => ({ text: text(criterion.text), check: text(criterion.check) })),
    depends_on: words(task.depends_on),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const words = (value: unknown): string[] => list(value).filter((each): each is string => typeof each === "string");
