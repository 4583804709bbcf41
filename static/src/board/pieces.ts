import type { Board, Card, Column, ColumnPiece } from "../api/types";

/** A board of which only the first cards of each column may be here. `torn`: news were missed, so nothing of it is kept
 * when it is read again. */
export type Held = Board & { torn?: boolean };

const CLOSED = new Set(["done", "cancelled"]);

/** Below zero where one stands above the other: open ones by priority and place, then done ones, the latest first. */
export function inOrder(one: Card, other: Card): number {
  const done = one.state === "done";
  if (done !== (other.state === "done")) return done ? 1 : -1;
  if (done) return other.updated_at.localeCompare(one.updated_at) || other.id - one.id;
  return other.priority - one.priority || one.position - other.position || one.id - other.id;
}

export const homeOf = (board: Board, id: number): Column | undefined =>
  board.columns.find((column) => column.tasks.some((task) => task.id === id));

/** The column with one card less or more, or another in its place, and all its counts. */
function recount(column: Column, tasks: Card[], left: Card | undefined, come: Card | undefined): Column {
  const by_state = { ...column.by_state };
  let { count, total, waiting } = column;
  for (const [card, by] of [
    [left, -1],
    [come, 1],
  ] as const) {
    if (card === undefined) continue;
    by_state[card.state] = Math.max(0, (by_state[card.state] ?? 0) + by);
    if (!CLOSED.has(card.state)) count += by;
    if (card.state === "waiting") waiting += by;
    total += by;
  }
  return { ...column, tasks, by_state, count, total, waiting, over: column.wip !== null && count > column.wip };
}

/** Puts a card into the column of its stage, at the place that is chosen among the others; null takes it off. */
export function put(board: Board, id: number, card: Card | null, place: (others: Card[]) => number): Board {
  const columns = board.columns.map((column) => {
    const left = column.tasks.find((task) => task.id === id);
    const come = card?.stage === column.stage ? card : undefined;
    if (left === undefined && come === undefined) return column;
    const others = left === undefined ? column.tasks : column.tasks.filter((task) => task.id !== id);
    return recount(column, come === undefined ? others : others.toSpliced(place(others), 0, come), left, come);
  });
  return { ...board, columns };
}

/** The next piece of a column at its end. What has come to stand further up meanwhile is not shown twice. */
export function extended(board: Held, stage: string, piece: ColumnPiece): Held {
  const columns = board.columns.map((column) => {
    if (column.stage !== stage) return column;
    const here = new Set(column.tasks.map((task) => task.id));
    return {
      ...column,
      tasks: [...column.tasks, ...piece.tasks.filter((task) => !here.has(task.id))],
      next: piece.next,
    };
  });
  return { ...board, columns };
}

/** What an event's news say of these cards, and all counts; cards that belong further down than is read stay away. */
export function withNews(board: Held, news: Board, named: ReadonlySet<number>): Held {
  if (news.seq < board.seq) return board;
  const known = new Map(board.columns.map((column) => [column.stage, column]));
  const columns = news.columns.map((column) => {
    const before = known.get(column.stage);
    const others = (before?.tasks ?? []).filter((task) => !named.has(task.id));
    const next = before?.next ?? null;
    const last = others.at(-1);
    const reached = (card: Card) => next === null || (last !== undefined && inOrder(card, last) <= 0);
    const tasks = [...others, ...column.tasks.filter(reached)].sort(inOrder);
    return { ...column, next, tasks: same(before?.tasks, tasks) ?? tasks };
  });
  return { ...news, columns, ...(board.torn && { torn: true }) };
}

const same = (before: Card[] | undefined, now: Card[]): Card[] | undefined =>
  before?.length === now.length && before.every((card, at) => card === now[at]) ? before : undefined;

/** The first pieces read anew, and below them what had been read further down: events have kept that true. */
export function joined(known: Held | undefined, fresh: Board): Held {
  if (known === undefined || known.torn) return fresh;
  const before = new Map(known.columns.map((column) => [column.stage, column]));
  const columns = fresh.columns.map((column) => {
    const last = column.tasks.at(-1);
    const old = before.get(column.stage);
    if (last === undefined || column.next === null || old === undefined) return column;
    const here = new Set(column.tasks.map((task) => task.id));
    const below = old.tasks.filter((task) => !here.has(task.id) && inOrder(task, last) > 0);
    return below.length === 0 ? column : { ...column, tasks: [...column.tasks, ...below], next: old.next };
  });
  return { ...fresh, columns };
}
