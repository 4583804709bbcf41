import { expect, test } from "vitest";
import { graphOf, lineOfStage, rangeOf, stageWords } from "./graph";
import type { Workflow } from "../api/types";
import { inFlightWords } from "./words";

const DEFINITION = {
  name: "w",
  start: "dev",
  stages: [
    { name: "backlog", title: "Backlog", role: null, steps: [], wip: 100_000 },
    {
      name: "dev",
      title: "DEV",
      role: "dev",
      steps: [{ executor: "aider" }],
      wip: 5,
      on_fail: null,
      transitions: ["done"],
    },
    {
      name: "qa",
      title: "QA",
      role: "qa",
      steps: [{ executor: "tools" }, { executor: "command" }],
      wip: 8,
      on_fail: "dev",
    },
    {
      name: "deploy",
      title: "DEPLOY",
      role: null,
      steps: [{ executor: "merge" }],
      wip: 10,
      on_fail: "dev",
      moved_target: "qa",
    },
    { name: "done", title: "Done", role: null, steps: [], wip: 100_000 },
  ],
};

test("the ways of a workflow, each once", () => {
  const { ways } = graphOf(DEFINITION);
  expect(ways).toEqual([
    { from: 0, to: 1, kind: "next" },
    { from: 1, to: 2, kind: "next" },
    { from: 1, to: 4, kind: "by hand" },
    { from: 2, to: 3, kind: "next" },
    { from: 2, to: 1, kind: "fail" },
    { from: 3, to: 4, kind: "next" },
    { from: 3, to: 1, kind: "fail" },
    { from: 3, to: 2, kind: "moved" },
  ]);
});

test("a stage in words, for who does not see the drawing", () => {
  const graph = graphOf(DEFINITION);
  expect(stageWords(graph, 0)).toBe("holds tasks; then DEV");
  expect(stageWords(graph, 2)).toBe("qa: tools, command; at most 8 at once; then DEPLOY; back to DEV when it fails");
  expect(stageWords(graph, 3)).toContain("to QA when main moved");
  expect(stageWords(graph, 9)).toBe("");
});

test("a definition that is none has nothing to draw", () => {
  expect(graphOf({})).toEqual({ stages: [], ways: [] });
});

test("where a stage begins in the text, in either way to write it", () => {
  const source =
    "name: w\nstages:\n  - { name: backlog, title: Backlog }\n  - name: dev\n    title: DEV\n  - name: dev2\n";
  expect(lineOfStage(source, "backlog")).toBe(3);
  expect(lineOfStage(source, "dev")).toBe(4);
  expect(lineOfStage(source, "dev2")).toBe(6);
  expect(lineOfStage(source, "w")).toBeNull();
});

test("a fault is marked from its column to the end of its line, and never past the text", () => {
  const source = "name: w\nstart: dev\n";
  expect(rangeOf(source, { line: 2, column: 8 })).toEqual([15, 18]);
  expect(rangeOf(source, { line: 9, column: 4 })).toEqual([source.length, source.length]);
  expect(rangeOf("", { line: 1, column: 5 })).toEqual([0, 0]);
});

test("what saving means for tasks in flight", () => {
  const workflow = { open_tasks: 3 } as Workflow;
  expect(inFlightWords(workflow, false)).toBe("3 open tasks go through it and keep the version begun with.");
  expect(inFlightWords({ ...workflow, open_tasks: 1 }, true)).toContain("1 open task goes through it and keeps");
  expect(inFlightWords({ ...workflow, open_tasks: 0 }, false)).toBe("No open task goes through it.");
  expect(inFlightWords(null, false)).toContain("Nothing goes through it");
});
