import type { Context, Note, PromptPreview } from "../api/types";

const count = (tokens: number): string => tokens.toLocaleString("en").replaceAll(",", " ");

export const tokenWords = (tokens: number): string => (tokens === 1 ? "1 token" : `${count(tokens)} tokens`);

/** "DEV, qwen2.5-coder:1.5b: 1 736 of 23 376 tokens, by the model's own tokenizer" */
export function countWords({ stage, model, tokens, room, counted_by }: PromptPreview): string {
  const by = counted_by === "tokenizer" ? "counted by the model's own tokenizer" : "by an estimate";
  return `${stage.toUpperCase()} on ${model.split("/").at(-1) ?? model}: ${count(tokens)} of ${tokenWords(room)}, ${by}`;
}

/** What a section takes of what it may take. */
export const budgetWords = (tokens: number, budget: number | null): string =>
  budget === null ? tokenWords(tokens) : `${count(tokens)} of ${tokenWords(budget)}`;

/** Under these names the hub takes notes. */
export const NOTE_KINDS = [
  { value: "notes", label: "a note" },
  { value: "decisions", label: "a decision" },
  { value: "open_points", label: "an open point" },
] as const;

export type NoteKind = (typeof NOTE_KINDS)[number]["value"];

const NOTES: Record<Note["kind"], string> = { note: "note", decision: "decided", file: "file", open: "open" };

export const noteWords = (kind: Note["kind"]): string => NOTES[kind];

const POINTS: [string, string][] = [
  ["decisions", "Decided"],
  ["open_points", "Open"],
];

/** Lists in a handoff's data, which anybody may have sent: what is no list of words is left out. */
export const pointsOf = (data: Record<string, unknown>): { title: string; points: string[] }[] =>
  POINTS.flatMap(([name, title]) => {
    const value = data[name];
    const points = Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
    return points.length === 0 ? [] : [{ title, points }];
  });

/** Who made older handoffs short. */
export function earlierWords({ by, model, handoffs }: Context["earlier"]): string {
  const which = handoffs === 1 ? "The older one" : `The ${handoffs} older ones`;
  if (by === "model") return `${which} in short, by ${model.split("/").at(-1) ?? model} and checked`;
  return by === "mechanical" ? `${which}, cut by rule` : `${which}, as the next agent is told`;
}
