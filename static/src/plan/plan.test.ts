import { expect, test } from "vitest";
import type { Plan } from "../api/types";
import { bodyOf, numbersOf } from "./body";
import { planSize, planState } from "./words";

const plan = (body: Record<string, unknown>) => ({ body }) as Plan;
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
