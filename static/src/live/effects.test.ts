import { expect, test } from "vitest";
import type { HubEvent } from "../api/types";
import { changedCard, staleAfter, together } from "./effects";

function event(kind: string, more: Partial<HubEvent> = {}): HubEvent {
  return { seq: 1, at: "2026-01-01T00:00:00Z", actor: "hub", kind, data: {}, ...more };
}

test("the hub's own words and a run's live words make nothing stale", () => {
  for (const kind of ["hub.ping", "hub.caught_up", "run.activity"]) {
    expect(staleAfter(event(kind, { task_id: 1 }))).toEqual([]);
  }
});

test("of the board an event changes the card that it names, and not the whole", () => {
  expect(changedCard(event("task.stage", { task_id: 7 }))).toEqual([7]);
  expect(changedCard(event("run.activity", { task_id: 7 }))).toEqual([]);
  expect(changedCard(event("plan.waiting"))).toEqual([]);
  expect(staleAfter(event("run.passed", { task_id: 7 }))).not.toContainEqual(["board"]);
});

test("a task that moves changes what waits, and its own row, and no other task", () => {
  const stale = staleAfter(event("task.stage", { task_id: 7 }));
  expect(stale).toContainEqual(["summary"]);
  expect(stale).toContainEqual(["inbox"]);
  expect(stale).toContainEqual(["task", 7, "row"]);
  expect(stale).not.toContainEqual(["task", 7, "diff"]);
  expect(stale.filter((key) => key[0] === "task").every((key) => key[1] === 7)).toBe(true);
});

test("a run of a task brings its diff, proofs and evidence", () => {
  const stale = staleAfter(event("run.passed", { task_id: 7, run_id: "r" }));
  for (const part of ["diff", "proofs", "evidence", "runs", "row"]) expect(stale).toContainEqual(["task", 7, part]);
});

test("a plan that waits changes requests, plans and the inbox, but not the board", () => {
  const stale = staleAfter(event("plan.waiting"));
  expect(stale).toContainEqual(["plans"]);
  expect(stale).toContainEqual(["requests"]);
  expect(stale).not.toContainEqual(["board"]);
  expect(staleAfter(event("plan.approved"))).toContainEqual(["board"]);
});

test("planning has a run without a task", () => {
  expect(staleAfter(event("run.started", { run_id: "r" }))).toContainEqual(["requests"]);
});

test("an unknown kind is looked after", () => {
  expect(staleAfter(event("guardian.acted"))).toContainEqual(["board"]);
  expect(staleAfter(event("guardian.acted", { task_id: 3 }))).toContainEqual(["task", 3, "row"]);
});

test("a burst names each key once", () => {
  expect(together([["board"], ["task", 1], ["board"], ["task", 1], ["task", 2]])).toEqual([
    ["board"],
    ["task", 1],
    ["task", 2],
  ]);
});
