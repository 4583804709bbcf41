import { expect, test } from "vitest";
import type { PromptPreview } from "../api/types";
import { budgetWords, countWords } from "./words";

test("a section says what it takes, and of how much where it has a budget", () => {
  expect(budgetWords(1, null)).toBe("1 token");
  expect(budgetWords(1200, 1500)).toBe("1 200 of 1 500 tokens");
});

test("a prompt says its model, its size, and how that is known", () => {
  const preview = { stage: "dev", model: "ollama/qwen:1.5b", tokens: 1736, room: 23_376, counted_by: "estimate" };
  expect(countWords(preview as PromptPreview)).toBe("DEV on qwen:1.5b: 1 736 of 23 376 tokens, by an estimate");
});
