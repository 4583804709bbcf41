import { expect, test } from "vitest";
import type { Plan } from "../api/types";
import { bodyOf, numbersOf } from "./body";
import { faultsOf, faultWords, planSize, planState, wasEdited } from "./words";

const plan = (body: Record<string, unknown>, fields: Partial<Plan> = {}) =>
  ({ answer: "plan", minutes_measured: null, ...fields, body }) as Plan;
const task = {
  id: "a",
  title: "A",
  description: "",
  kind: "bug",
  priority: 9,
  size: "S",
  files: [],
  criteria: [],
  depends_on: [],
};

test("a plan says how big it is", () => {
  const body = { tasks: [task, { ...task, id: "b" }], complexity: "medium", estimated_minutes: 40 };
  expect(planSize(plan(body))).toBe("2 tasks · medium · about 40 min");
  expect(planSize(plan({ tasks: [task] }))).toBe("1 task");
  expect(planSize(plan({ tasks: [task] }, { answer: "report", minutes_measured: 90 }))).toBe(
    "research that ends in a report · such tasks took 1 h 30 min here",
  );
});

test("what a model got wrong is left out, never shown broken", () => {
  const body = bodyOf(
    plan({ tasks: [null, "x", { title: 7, criteria: "none" }], questions: [1, "Which tax?"], risks: {} }),
  );
  expect(body.tasks).toEqual([
    { id: "", title: "", description: "", kind: "", priority: 5, size: "", files: [], criteria: [], depends_on: [] },
  ]);
  expect(body.questions).toEqual(["Which tax?"]);
  expect(body.risks).toEqual([]);
});

test("tasks have numbers for people", () => {
  expect(numbersOf([task, { ...task, id: "b" }]).get("b")).toBe(2);
});

test("a state nobody has told this page of is still words", () => {
  expect(planState("being_merged")).toEqual(["being merged", "plain"]);
});

test("a fault stands at its task, by the number that is seen", () => {
  const faults = ["Task t has no title.", "Task t2 has priority 11; it must be 1 to 10.", "The plan has no summary."];
  expect(faultsOf(faults, "t")).toEqual(["Task t has no title."]);
  expect(faultsOf(["A task has no id."], "")).toEqual([]);
  const numbers = new Map([
    ["t", 1],
    ["t2", 2],
  ]);
  expect(faults.map((fault) => faultWords(fault, numbers))).toEqual([
    "Task 1 has no title.",
    "Task 2 has priority 11; it must be 1 to 10.",
    "The plan has no summary.",
  ]);
});

test("a decision is no edit", () => {
  expect(wasEdited({ version: 1, state: "waiting" })).toBe(false);
  expect(wasEdited({ version: 2, state: "waiting" })).toBe(true);
  expect(wasEdited({ version: 2, state: "changes_asked" })).toBe(false);
  expect(wasEdited({ version: 3, state: "approved" })).toBe(true);
  expect(wasEdited({ version: 3, state: "done" })).toBe(false);
});
