import { expect, test } from "vitest";
import type { PromptPreview } from "../api/types";
import { budgetWords, countWords, earlierWords, pointsOf } from "./words";

test("a section says what it takes, and of how much where it has a budget", () => {
  expect(budgetWords(1, null)).toBe("1 token");
  expect(budgetWords(1200, 1500)).toBe("1 200 of 1 500 tokens");
});

test("a prompt says its model, its size, and how that is known", () => {
  const preview = { stage: "dev", model: "ollama/qwen:1.5b", tokens: 1736, room: 23_376, counted_by: "estimate" };
  expect(countWords(preview as PromptPreview)).toBe("DEV on qwen:1.5b: 1 736 of 23 376 tokens, by an estimate");
});

test("of a handoff's data only lists of words are shown", () => {
  expect(pointsOf({ decisions: ["cents", 7], open_points: "none", files: [] })).toEqual([
    { title: "Decided", points: ["cents"] },
  ]);
});

test("who made older handoffs short is said", () => {
  expect(earlierWords({ text: "x", by: "model", model: "ollama/small", handoffs: 3 })).toBe(
    "The 3 older ones in short, by small and checked",
  );
});
