import { expect, test } from "vitest";
import type { Run } from "../api/types";
import { bars, timeline } from "./timeline";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
const run = (id: string, from: number, to: number | null, still: Partial<Run> = {}) =>
  ({
    id,
    queued_at: at(from),
    started_at: at(from),
    finished_at: to === null ? null : at(to),
    held_at: null,
    paused_seconds: 0,
    ...still,
  }) as Run;
let seq = 0;
const stands = (kind: string, second: number, data = {}) => ({ seq: ++seq, at: at(second), kind, data });

test("what a person was waited for stands between the runs, a short queue does not", () => {
  const rows = timeline(
    [run("dev", 1, 11), run("qa", 41, null)],
    [
      stands("task.queued", 0),
      stands("task.running", 1),
      stands("task.waiting", 11, { reason: "answer" }),
      stands("task.queued", 40),
      stands("task.running", 41),
    ],
    Date.parse(at(45)),
  );
  expect(rows.map((row) => [row.kind === "run" ? row.run.id : row.reason, row.seconds])).toEqual([
    ["dev", 10],
    ["answer", 29],
    ["qa", 4],
  ]);
});

test("the time for which a run stood still is none of its time, also while it still does", () => {
  const seconds = (one: Run) => timeline([one], [], Date.parse(at(59)))[0]?.seconds;
  expect(seconds(run("over", 0, 50, { paused_seconds: 20 }))).toBe(30);
  expect(seconds(run("still", 0, null, { paused_seconds: 5, held_at: at(30) }))).toBe(25);
});

test("a wait that lasts is open and goes up to now", () => {
  const [row] = timeline([], [stands("task.waiting", 0, { reason: "approval" })], Date.parse(at(60)));
  expect(row).toMatchObject({ kind: "wait", seconds: 60, open: true });
});

test("a night of waiting leaves the runs readable, and everything within the width", () => {
  const drawn = bars([
    { kind: "run", seconds: 10 },
    { kind: "wait", seconds: 30_000 },
    { kind: "run", seconds: 0 },
  ]);
  expect(drawn.map(({ cut }) => cut)).toEqual([false, true, false]);
  expect(drawn[0]?.width).toBeCloseTo(40);
  for (const { left, width } of drawn) expect(left + width).toBeLessThanOrEqual(100);
});
