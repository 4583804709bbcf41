import { expect, test } from "vitest";
import type { Board, Card, Column } from "../api/types";
import { extended, inOrder, joined, put, withNews } from "./pieces";

const card = (id: number, change: Partial<Card> = {}): Card =>
  ({ id, key: `T-${id}`, stage: "dev", state: "queued", priority: 5, position: id, updated_at: "", ...change }) as Card;
const column = (stage: string, tasks: Card[], change: Partial<Column> = {}): Column => ({
  stage,
  title: stage,
  role: null,
  tasks,
  wip: 2,
  count: tasks.length,
  total: tasks.length,
  waiting: 0,
  by_state: { queued: tasks.length },
  over: false,
  next: null,
  ...change,
});
const board = (seq: number, ...columns: Column[]): Board => ({ seq, columns, violations: [], orphans: [] });
const cards = (...ids: number[]) => ids.map((id) => card(id));
const ids = (of: Board, at = 0) => of.columns[at]?.tasks.map(({ id }) => id);

test("open cards stand by priority, place and number; done ones below, the latest first", () => {
  const all = [
    card(1, { state: "done", updated_at: "2026-01-01T00:00:00Z" }),
    card(2, { state: "done", updated_at: "2026-01-02T00:00:00Z" }),
    card(3, { priority: 9, position: 50 }),
    card(4, { position: 1 }),
    card(6, { position: 1 }),
    card(5, { position: -2 }),
  ];
  expect(all.sort(inOrder).map(({ id }) => id)).toEqual([3, 5, 4, 6, 2, 1]);
});

test("a card that goes or comes changes all that is counted, though most cards are not here", () => {
  const many = { count: 900, total: 900, by_state: { queued: 899, waiting: 1 }, waiting: 1, wip: 900, next: "c" };
  const before = board(1, column("dev", [card(1, { state: "waiting" }), ...cards(2, 3)], many), column("qa", []));
  const after = put(before, 1, card(1, { stage: "qa" }), () => 0);
  expect(after.columns[0]).toMatchObject({ count: 899, total: 899, waiting: 0, by_state: { queued: 899, waiting: 0 } });
  expect(after.columns[1]).toMatchObject({ count: 1, total: 1, over: false, by_state: { queued: 1 } });
  expect(put(before, 9, card(9), () => 0).columns[0]).toMatchObject({ count: 901, over: true });
  expect(put(before, 1, null, () => 0).columns[0]).toMatchObject({ total: 899, waiting: 0 });
});

test("a next piece comes to the end, and nothing twice", () => {
  const here = board(4, column("dev", cards(1, 2), { next: "c", total: 4 }), column("qa", cards(9)));
  const more = extended(here, "dev", { seq: 5, tasks: cards(2, 3, 4), next: null });
  expect([ids(more), ids(more, 1)]).toEqual([[1, 2, 3, 4], [9]]);
  expect([more.columns[0]?.next, more.seq]).toEqual([null, 4]);
});

test("news put the named cards where they belong, and leave out what is further down than is read", () => {
  const here = board(4, column("dev", cards(1, 3, 5), { next: "c", total: 9 }), column("qa", cards(20)));
  const news = (...tasks: Card[]) => board(5, column("dev", tasks, { total: 10, count: 10 }), column("qa", []));
  expect(ids(withNews(here, news(card(2)), new Set([2])))).toEqual([1, 2, 3, 5]);
  expect(ids(withNews(here, news(card(7)), new Set([7])))).toEqual([1, 3, 5]);
  expect(ids(withNews(here, news(card(3, { position: 70 })), new Set([3])))).toEqual([1, 5]);
  expect(ids(withNews(here, news(card(1, { title: "New" })), new Set([1])))).toEqual([1, 3, 5]);
  const gone = withNews(here, news(), new Set([20, 5]));
  expect([ids(gone), ids(gone, 1)]).toEqual([[1, 3], []]);
  expect(gone.columns[0]).toMatchObject({ total: 10, count: 10, next: "c" });
});

test("news older than the board change nothing, and cards that stay are the same ones", () => {
  const here = board(4, column("dev", cards(1, 2)));
  expect(withNews(here, board(3, column("dev", [])), new Set([1]))).toBe(here);
  expect(withNews(here, board(5, column("dev", [])), new Set([8])).columns[0]?.tasks).toBe(here.columns[0]?.tasks);
});

test("in a column of which all was read, the last card may come to stand anywhere", () => {
  const here = board(4, column("dev", cards(1, 2)));
  expect(ids(withNews(here, board(5, column("dev", cards(9))), new Set([9])))).toEqual([1, 2, 9]);
  expect(ids(withNews(board(4), board(5, column("new", cards(9))), new Set([9])))).toEqual([9]);
});

test("read anew, a board keeps what was read further down, unless news were missed", () => {
  const known = board(4, column("dev", cards(1, 2, 3, 4, 5, 6), { next: "after 6", total: 9 }));
  const fresh = board(6, column("dev", [card(0), ...cards(1, 3)], { next: "after 3", total: 9 }));
  expect(ids(joined(known, fresh))).toEqual([0, 1, 3, 4, 5, 6]);
  expect(joined(known, fresh).columns[0]?.next).toBe("after 6");
  expect(joined({ ...known, torn: true }, fresh)).toBe(fresh);
  expect(joined(undefined, fresh)).toBe(fresh);
  expect(ids(joined(known, board(6, column("dev", cards(1)))))).toEqual([1]);
});
