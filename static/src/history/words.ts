import type { Fact, HubEvent } from "../api/types";

/** As an event says it, for the words that a task's history has for each kind. */
export const eventOf = ({ seq, at, who, kind, project_id, task_id, run_id, about }: Fact): HubEvent => ({
  seq,
  at,
  actor: who,
  kind,
  project_id,
  task_id,
  run_id,
  data: about,
});

export interface Change {
  field: string;
  before: string;
  after: string;
}

const LONGEST = 160;

/** What it changed, field by field; nothing where the fields are as they were. */
export function changesOf({ before, after }: Pick<Fact, "before" | "after">): Change[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields
    .map((field) => ({
      field: field.replaceAll("_", " "),
      before: shown(before?.[field]),
      after: shown(after?.[field]),
    }))
    .filter(({ before: was, after: is }) => was !== is);
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === "") return "";
  const text =
    typeof value === "string"
      ? value
      : typeof value === "number" || typeof value === "boolean"
        ? String(value)
        : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** What a fact is about, for a line that stands beside those of other tasks. */
export function subjectOf({ about }: Pick<Fact, "about">): string {
  const text = (name: string): string => (typeof about[name] === "string" ? about[name] : "");
  return [text("key"), text("title") || text("name") || text("role") || text("model") || text("workflow")]
    .filter(Boolean)
    .join(" ");
}
