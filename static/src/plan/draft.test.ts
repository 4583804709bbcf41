import { expect, test } from "vitest";
import type { Plan } from "../api/types";
import { added, changed, draftOf, dropped, moved, patchOf } from "./draft";

const task = (id: string, after: string[] = []) => ({
  id,
  title: id.toUpperCase(),
  description: "",
  kind: "bug",
  priority: 9,
  size: "S",
  files: [],
  criteria: [],
  depends_on: after,
});
const plan = {
  version: 3,
  summary: "Two.",
  body: { tasks: [task("a"), task("b", ["a"])], complexity: "simple", estimated_minutes: 5, questions: [], risks: [] },
} as unknown as Plan;

test("only what was changed is sent, with the version that was read", () => {
  const draft = draftOf(plan);
  expect(patchOf(plan, draft)).toBeNull();
  expect(patchOf(plan, { ...draft, summary: "Mine." })).toEqual({ summary: "Mine.", version: 3 });
  const tasks = changed(draft.tasks, 1, { title: "New" });
  expect(patchOf(plan, { ...draft, tasks })).toEqual({
    tasks: [task("a"), { ...task("b", ["a"]), title: "New" }],
    version: 3,
  });
});

test("tasks change places, and the ends stay", () => {
  const { tasks } = draftOf(plan);
  expect(moved(tasks, 0, 1).map((each) => each.id)).toEqual(["b", "a"]);
  expect(moved(tasks, 0, -1)).toEqual(tasks);
  expect(moved(tasks, 1, 1)).toEqual(tasks);
});

test("nothing waits for a task that was dropped", () => {
  expect(dropped(draftOf(plan).tasks, 0)).toEqual([task("b")]);
});

test("a new task has an id of its own", () => {
  const two = added(added([task("task-2")]));
  expect(two.map((each) => each.id)).toEqual(["task-2", "task-3", "task-4"]);
});
