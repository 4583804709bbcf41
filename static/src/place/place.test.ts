import { expect, test } from "vitest";
import { HOME, type Place, placeAfter, readPlace, writePlace } from "./place";

test("home has no query", () => {
  expect(writePlace(HOME)).toBe("");
  expect(readPlace("")).toEqual(HOME);
});

test.each<[Partial<Place>, string]>([
  [{ project: 1, task: 5 }, "?project=1&task=5"],
  [{ project: 1, task: 5, tab: "runs" }, "?project=1&task=5&tab=runs"],
  [{ view: "plans", plan: 3 }, "?view=plans&plan=3"],
  [{ view: "roles", role: "dev" }, "?view=roles&role=dev"],
  [{ view: "settings", section: "workflows", workflow: "a@B" }, "?view=settings&section=workflows&workflow=a%40B"],
  [{ task: 5, tab: "runs", run: "0190-a" }, "?task=5&tab=runs&run=0190-a"],
  [
    { task: 5, tab: "changes", file: "a/b c.py", line: 7, wide: true },
    "?task=5&tab=changes&file=a%2Fb+c.py&line=7&wide=",
  ],
  [{ task: 5, tab: "evidence", proof: 3 }, "?task=5&tab=evidence&proof=3"],
  [{ project: 1, filter: { ...HOME.filter, text: "two words", lanes: true } }, "?project=1&text=two+words&lanes=plan"],
  [
    { filter: { ...HOME.filter, kind: "bug", role: "qa", priority: 7, state: "waiting" } },
    "?kind=bug&by=qa&priority=7&only=waiting",
  ],
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

test("a tab as an earlier version named it leads to where its content is", () => {
  expect(readPlace("?task=1&tab=output&run=0190-a")).toEqual({ ...HOME, task: 1, tab: "runs", run: "0190-a" });
  expect(readPlace("?task=1&tab=constructor").tab).toBeNull();
});

test("another task and another tab begin at their beginning", () => {
  const here: Place = { ...HOME, project: 2, task: 5, tab: "changes", file: "a.py", line: 7, wide: true };
  expect(placeAfter(here, { task: 6 })).toEqual({ ...HOME, project: 2, task: 6, wide: true });
  expect(placeAfter(here, { task: null })).toEqual({ ...HOME, project: 2 });
  expect(placeAfter(HOME, { task: 6 }, true).wide).toBe(true);
  expect(placeAfter({ ...here, wide: false }, { task: 6 }, true).wide).toBe(false);
  expect(placeAfter(here, { tab: "runs", run: "r" })).toEqual({
    ...here,
    tab: "runs",
    run: "r",
    file: null,
    line: null,
  });
  expect(placeAfter(here, { line: 8 })).toEqual({ ...here, line: 8 });
});
