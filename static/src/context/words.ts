import type { PromptPreview } from "../api/types";

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
