import { expect, test } from "vitest";
import type { ChatMessage } from "../api/types";
import { exchanges, sourceWords } from "./words";

const message = (id: number, kind: string, reply_to_id: number | null = null) =>
  ({ id, kind, reply_to_id }) as ChatMessage;

test("what was said stands with its answer, the oldest first", () => {
  const pages = [message(5, "request"), message(4, "answer", 3), message(3, "question"), message(2, "answer", 1)];
  expect(exchanges(pages).map(({ said, answer }) => [said.id, answer?.id ?? null])).toEqual([
    [3, 4],
    [5, null],
  ]);
});

const told = (told_by: ChatMessage["told_by"], more: Partial<ChatMessage> = {}) =>
  sourceWords({ told_by, model: "ollama/m", cost: 0, tokens_in: 900, tokens_out: 100, ...more } as ChatMessage);

test("who gave an answer, and what it cost", () => {
  expect(told("model")).toBe("by ollama/m · 1 000 tokens · free");
  expect(told("model", { cost: 0.0021 })).toContain("under $0.01");
  expect(told("model", { model: "scripted/demo" })).toContain("which plays a script");
  expect(told("record")).toContain("by no model");
  expect(told("command")).toBe("");
});
