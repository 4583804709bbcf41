import { expect, test } from "vitest";
import type { Board, Card, Column } from "../api/types";
import { ALL, askedFor } from "./filter";
import { consequenceOf, foreseen, shifted } from "./move";

const card = (id: number, stage: string, change: Partial<Card> = {}): Card =>
  ({ id, key: `T-${id}`, title: `Title ${id}`, stage, state: "queued", priority: 5, plan_id: null, ...change }) as Card;
const column = (stage: string, tasks: Card[], wip: number | null = 2): Column =>
  ({
    stage,
    title: stage.toUpperCase(),
    tasks,
    wip,
    count: tasks.length,
    total: tasks.length,
    waiting: 0,
    by_state: {},
    over: false,
    next: null,
  }) as unknown as Column;
const board = (...columns: Column[]): Board => ({ seq: 1, columns, violations: [], orphans: [] });
const ids = (next: Board) => next.columns.map((each) => each.tasks.map(({ id }) => id));

test("a card comes after those of its priority, and the limit is counted", () => {
  const here = board(
    column("dev", [card(1, "dev")]),
    column("qa", [card(2, "qa", { priority: 9 }), card(3, "qa"), card(4, "qa", { priority: 1 })]),
  );
  const next = foreseen(here, { card: card(1, "dev"), stage: "qa" });
  expect(ids(next)).toEqual([[], [2, 3, 1, 4]]);
  expect(next.columns[1]).toMatchObject({ count: 4, over: true });
  expect(next.columns[1]?.tasks[2]?.stage).toBe("qa");
});

test("within its column a card goes among those of its priority, and no further", () => {
  const dev = column("dev", [card(1, "dev", { priority: 9 }), card(2, "dev"), card(3, "dev"), card(4, "dev")]);
  const down = shifted(card(2, "dev"), dev, 1);
  expect(down).toMatchObject({ after_id: 3 });
  expect(ids(foreseen(board(dev), down ?? { card: card(2, "dev"), stage: "" }))).toEqual([[1, 3, 2, 4]]);
  expect(shifted(card(4, "dev"), dev, -2)).toMatchObject({ before_id: 2 });
  expect(shifted(card(2, "dev"), dev, -1)).toBeNull();
});

test.each<[string, Partial<Card>, boolean, RegExp | null]>([
  ["running", { state: "running" }, false, /run ends/],
  ["done", { state: "done" }, false, /begins anew/],
  ["an approval asked", { state: "waiting", waiting_reason: "approval" }, false, /void/],
  ["a question asked", { state: "waiting", waiting_reason: "answer" }, false, /void/],
  ["called done", { state: "idle" }, true, /nobody has proven/],
  ["in the queue", { state: "queued" }, false, null],
  ["in the backlog", { state: "idle" }, false, null],
])("what a move ends is asked: %s", (_what, change, final, said) => {
  const told = consequenceOf(card(1, "dev", change), column("qa", []), final);
  if (said === null) expect(told).toBeNull();
  else expect(told?.sentence).toMatch(said);
});

test("nothing is asked in its own column", () => {
  expect(consequenceOf(card(1, "dev", { state: "running" }), column("dev", []), false)).toBeNull();
});

test("the hub is asked for what is narrowed, and for nothing else", () => {
  expect(askedFor(ALL)).toEqual({});
  expect(askedFor({ ...ALL, text: "  till 7 ", state: "waiting", lanes: true })).toEqual({
    text: "till 7",
    only: "waiting",
  });
  expect(askedFor({ ...ALL, kind: "bug", role: "qa", priority: 7 })).toEqual({ kind: "bug", role: "qa", priority: 7 });
  expect(askedFor({ ...ALL, kind: "nonsense", text: "x".repeat(300) })).toEqual({ text: "x".repeat(200) });
});

test("a board without the card, another project's or lane's, is not touched by its move", () => {
  const other = board(column("dev", [card(9, "dev")]), column("qa", []));
  expect(foreseen(other, { card: card(1, "dev"), stage: "qa" })).toBe(other);
});
