import type { Role } from "../api/types";

/** The models in their order, in short: "qwen2.5-coder:1.5b, then qwen2.5-coder:7b". */
export function modelsWords({ model, models }: Pick<Role, "model" | "models">): string {
  const names = (models ?? (model === null ? [] : [model])).map((one) => (typeof one === "string" ? one : one.model));
  return names.length === 0 ? "the project's model" : names.map((name) => name.split("/").at(-1)).join(", then ");
}

/** What a role is for: the first sentence of its prompt. */
export const purpose = (prompt: string): string => /^[\s\S]*?[.!?](?=\s|$)/.exec(prompt.trim())?.[0] ?? prompt.trim();

const FIELDS: Record<string, string> = {
  title: "Title",
  prompt: "Prompt",
  principles: "Principles of its own",
  models: "Models",
  settings: "Limits and rights",
};

export const fieldWords = (field: string): string => FIELDS[field] ?? field.replaceAll("_", " ");
