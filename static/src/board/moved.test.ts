import { expect, test } from "vitest";
import type { Board, Card, Column, HubEvent } from "../api/types";
import { moved } from "./moved";

const card = (id: number, stage: string, state = "running") =>
  ({ id, stage, state, key: `T-${id}`, priority: 5, position: id, updated_at: "2026" }) as Card;
const column = (stage: string, tasks: Card[], wip: number | null = 1) =>
  ({
    stage,
    tasks,
    wip,
    count: tasks.length,
    total: tasks.length,
    waiting: 0,
    by_state: { running: tasks.length },
    over: false,
    next: null,
  }) as unknown as Column;
const board: Board = {
  seq: 10,
  violations: [],
  orphans: [],
  columns: [column("dev", [card(1, "dev")]), column("qa", [card(2, "qa")])],
};
const event = (kind: string, data = {}, seq = 11, task_id = 1): HubEvent => ({
  seq,
  task_id,
  kind,
  data,
  at: "2026-01-01T00:00:00Z",
  actor: "hub",
});
const where = (next: Board) => next.columns.map((each) => each.tasks.map((task) => task.id));

test("a card goes to the column it is told to, and limits are counted", () => {
  const next = moved(board, event("task.stage", { old: "dev", new: "qa" }));
  expect(where(next)).toEqual([[], [1, 2]]);
  expect(next.columns.map((each) => [each.count, each.over])).toEqual([
    [0, false],
    [2, true],
  ]);
});

test("a card that is sent back says by whom, until it moves on", () => {
  const back = moved(board, event("task.stage", { old: "qa", new: "dev", sent_back: true }, 11, 2));
  expect(back.columns[0]?.tasks[1]?.sent_back).toEqual({ stage: "qa", sentence: "" });
  const on = moved(back, event("task.stage", { old: "dev", new: "qa", sent_back: false }, 12, 2));
  expect(on.columns[1]?.tasks[0]?.sent_back).toBeNull();
});

test("a state is told on the card; waiting has its reason and since when", () => {
  const next = moved(board, event("task.waiting", { reason: "approval", sentence: "Approve the change." }));
  expect(next.columns[0]?.tasks[0]).toMatchObject({
    state: "waiting",
    waiting_reason: "approval",
    waiting_sentence: "Approve the change.",
    waiting_since: "2026-01-01T00:00:00Z",
  });
  expect(moved(next, event("task.running")).columns[0]?.tasks[0]).toMatchObject({
    state: "running",
    waiting_reason: null,
    waiting_since: null,
    running_since: "2026-01-01T00:00:00Z",
  });
});

test("a cancelled card leaves", () => {
  expect(where(moved(board, event("task.cancelled")))).toEqual([[], [2]]);
});

test.each<[string, HubEvent]>([
  ["the board has it already", event("task.stage", { new: "qa" }, 10)],
  ["no such card", event("task.stage", { new: "qa" }, 11, 99)],
  ["not about a task", event("run.passed")],
  ["a fact that moves nothing", event("task.edited")],
])("nothing changes: %s", (_why, told) => expect(moved(board, told)).toBe(board));
