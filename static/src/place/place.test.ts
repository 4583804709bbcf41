import { expect, test } from "vitest";
import { HOME, type Place, readPlace, writePlace } from "./place";

test("home has no query", () => {
  expect(writePlace(HOME)).toBe("");
  expect(readPlace("")).toEqual(HOME);
});

test.each<[Partial<Place>, string]>([
  [{ project: 1, task: 5 }, "?project=1&task=5"],
  [{ project: 1, task: 5, tab: "runs" }, "?project=1&task=5&tab=runs"],
  [{ view: "plans", plan: 3 }, "?view=plans&plan=3"],
  [{ view: "roles", role: "dev" }, "?view=roles&role=dev"],
  [{ task: 5, tab: "output", run: "0190-a" }, "?task=5&tab=output&run=0190-a"],
])("%j is written as %s and read back", (change, query) => {
  const place = { ...HOME, ...change };
  expect(writePlace(place)).toBe(query);
  expect(readPlace(query)).toEqual(place);
});

test("a tab without a task, and a plan outside of plans, are left out", () => {
  expect(writePlace({ ...HOME, tab: "runs", plan: 3 })).toBe("");
});

test.each(["?task=0", "?task=-1", "?task=5x", "?task=1e3", "?task=", "?task=99999999999999999"])(
  "%s names no task",
  (query) => expect(readPlace(query).task).toBeNull(),
);

test("an unknown view or tab is the usual one", () => {
  expect(readPlace("?view=admin&task=1&tab=secrets")).toEqual({ ...HOME, task: 1 });
});
