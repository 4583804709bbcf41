import type { TaskIn } from "../api/types";

/** A task that is being written, as the form holds it. */
export interface TaskDraft {
  project: string | null;
  title: string;
  description: string;
  kind: TaskIn["kind"];
  priority: number;
  criteria: { text: string; check: string }[];
  parent: string | null;
  after: string[];
  stage: string | null;
  start: boolean;
}

export const BLANK: TaskDraft = {
  project: null,
  title: "",
  description: "",
  kind: "feature",
  priority: 5,
  criteria: [],
  parent: null,
  after: [],
  stage: null,
  start: false,
};

export const KINDS: TaskIn["kind"][] = ["feature", "bug", "docs", "test", "refactor", "research", "infra"];
const KEPT = "wfhub.task";

/** What was written and not sent survives a reload, a closed dialog and a session that ended. */
export function draftOf(): TaskDraft {
  try {
    return { ...BLANK, ...(JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Partial<TaskDraft>) };
  } catch {
    return BLANK; // of another version
  }
}

export function keepDraft(draft: TaskDraft | null): void {
  if (draft === null) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, JSON.stringify(draft));
}

/** As the hub takes it. Criteria without words are left out; `places` says where those that are sent stand in the form. */
export function bodyOf(draft: TaskDraft, project_id: number): { body: TaskIn; places: number[] } {
  const places = draft.criteria.flatMap(({ text }, index) => (text.trim() ? [index] : []));
  const criteria = places.map((index) => {
    const { text, check } = draft.criteria[index] ?? { text: "", check: "" };
    return { text: text.trim(), check: check.trim() };
  });
  const body: TaskIn = {
    project_id,
    title: draft.title.trim(),
    description: draft.description,
    kind: draft.kind,
    priority: draft.priority,
    criteria,
    blocked_by: draft.after.map(Number),
    files: [],
    parent_id: draft.parent === null ? null : Number(draft.parent),
    stage: draft.stage,
  };
  return { body, places };
}

/** What the hub said of each field, under the form's own names; a criterion's under its place in the form. */
export function faultsIn(faults: Readonly<Record<string, string>>, places: number[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [where, what] of Object.entries(faults)) {
    const [field = "", index] = where.split(".");
    if (field === "criteria" && index !== undefined) found[`criteria.${places[Number(index)] ?? index}`] = what;
    else found[NAMES[field] ?? field] ??= what;
  }
  return found;
}

const NAMES: Record<string, string> = { parent_id: "parent", blocked_by: "after", project_id: "project" };
