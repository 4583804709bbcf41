import { expect, test } from "vitest";
import type { ChatMessage, Cite } from "../api/types";
import { HOME } from "../place/place";
import { linked, placeOf } from "./cites";

const cite = (ref: string, place: Cite["place"], label = "gate of QA"): Cite => ({
  ref,
  kind: "gate",
  label,
  text: "2 of 14 tests fail.",
  place,
});
const CHAT = { ...HOME, project: 1, view: "chat", thread: 7 } as const;
const answer = (text: string, cites: Cite[], told_by: ChatMessage["told_by"] = "model") =>
  ({ text, cites, told_by }) as ChatMessage;

test("a fact of a task is seen beside the chat", () => {
  const place = { task: 7, tab: "changes", file: "till/day.py", line: 42 };
  expect(linked(answer("A shell [F3].", [cite("F3", place)]), CHAT)).toBe(
    "A shell [1](?project=1&view=chat&thread=7&task=7&tab=changes&file=till%2Fday.py&line=42).",
  );
});

test("what is another view's leads there", () => {
  expect(placeOf(cite("F1", { view: "inbox", item: "approval:12" }))).toEqual({
    view: "inbox",
    item: "approval:12",
    plan: null,
    task: null,
  });
});

test("a citation that is none stays a word, and a link of the answer's own stays its own", () => {
  expect(linked(answer("It [F9] is [F1](https://evil.example).", [cite("F1", { task: 7 })]), CHAT)).toBe(
    "It [F9] is [F1](https://evil.example).",
  );
});

test("a command's list is named by what it leads to, which can't end the link", () => {
  const found = linked(answer("- One [F1]", [cite("F1", { task: 7 }, "TILL-3 ](x")], "command"), CHAT);
  expect(found).toBe("- One [TILL-3 (x](?project=1&view=chat&thread=7&task=7)");
});

test("what no page has is left out of the place", () => {
  expect(placeOf(cite("F1", { task: "javascript:alert(1)", view: "nowhere" }))).toEqual({
    view: "board",
    plan: null,
    item: null,
    task: null,
  });
});
