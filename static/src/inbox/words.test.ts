import { expect, test } from "vitest";
import type { InboxItem } from "../api/types";
import { behindWords, nextAfter, reasonWords, resultWords, shared } from "./words";

const item = (may: string[], kind = "approval"): InboxItem =>
  ({ kind, may, reason: kind, question: null, behind: { all: 0, direct: 0, tasks: [] } }) as unknown as InboxItem;

test("several are decided by a word that all of them take", () => {
  const approval = item(["approve", "request_changes", "reject"]);
  expect(shared([approval, approval])).toEqual(["approve", "request_changes", "reject"]);
  expect(shared([approval, item(["run", "cancel"], "task")])).toEqual([]);
  expect(shared([item(["answer"], "question")])).toEqual([]);
  expect(shared([])).toEqual([]);
});

test("the marker goes on to what comes next when something is decided", () => {
  expect(nextAfter(["a", "b", "c"], ["a", "c"], "b")).toBe("c");
  expect(nextAfter(["a", "b", "c"], ["a", "b"], "c")).toBe("b");
  expect(nextAfter(["a"], [], "a")).toBeNull();
  expect(nextAfter([], ["a", "b"], null)).toBe("a");
  expect(nextAfter(["a", "b"], ["b", "a"], "a")).toBe("a");
});

test("results are told one by one", () => {
  const done = { item: "plan:1", decision: "approve", done: true, state: "approved", problem: null };
  const late = { ...done, item: "plan:2", done: false, problem: { detail: "The plan was decided before." } };
  expect(resultWords([done])).toEqual({ title: "1 decided.", refused: [] });
  expect(resultWords([done, late])).toEqual({
    title: "1 decided, 1 not.",
    refused: ["plan:2: The plan was decided before."],
  });
});

test("a row says what it is and what waits behind it", () => {
  expect(reasonWords(item([], "plan"))).toBe("a plan waits for you");
  expect(reasonWords(item([], "push"))).toBe("a push was refused");
  expect(behindWords({ behind: { all: 1, direct: 1, tasks: [] } })).toBe("1 waits behind it");
  expect(behindWords({ behind: { all: 0, direct: 0, tasks: [] } })).toBe("");
});
