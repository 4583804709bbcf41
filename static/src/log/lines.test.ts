import { expect, test } from "vitest";
import type { LogLine, LogPage } from "../api/types";
import { LogLines, MOST_READ, MOST_ROWS } from "./lines";

const line = (n: number): LogLine => ({
  position: `f:${n}`,
  after: `f:${n + 1}`,
  at: null,
  level: "info",
  event: `line ${n}`,
  fields: {},
  cut: false,
});

const page = (from: number, to: number, more: Partial<LogPage> = {}): LogPage => ({
  lines: Array.from({ length: to - from }, (_, index) => line(from + index)),
  first: `f:${from}`,
  last: `f:${to}`,
  complete: true,
  left: 0,
  lost: false,
  skipped: null,
  ...more,
});

const shown = ({ rows }: LogLines): string[] =>
  rows.map((row) => (row.kind === "line" ? row.line.event : row.kind === "gap" ? `${row.gap.lines} skipped` : "lost"));

test("what was skipped and what is no more stand where they belong", () => {
  const log = new LogLines();
  log.append(page(5, 6, { complete: false, left: 70 }), true);
  log.append(page(20, 22, { skipped: { after: "f:6", before: "f:20", lines: 14 } }), true);
  log.append(page(0, 1, { lost: true }), true);
  expect(shown(log)).toEqual(["line 5", "14 skipped", "line 20", "line 21", "lost", "line 0"]);
  expect([log.first, log.whole, log.left]).toEqual(["f:5", false, 70]);
});

test("a gap is filled piece by piece", () => {
  const log = new LogLines();
  log.append(page(0, 1), true);
  log.append(page(9, 10, { skipped: { after: "f:1", before: "f:9", lines: 8 } }), true);
  log.fill("gap f:1", page(1, 4, { complete: false }), false);
  expect(shown(log)).toEqual(["line 0", "line 1", "line 2", "line 3", "5 skipped", "line 9"]);
  log.fill("gap f:4", page(4, 9), false);
  expect(shown(log)).toEqual(Array.from({ length: 10 }, (_, n) => `line ${n}`));
  log.fill("gap f:4", page(4, 9), false);
  expect(log.rows.length).toBe(10);
});

test("older lines come above", () => {
  const log = new LogLines();
  log.append(page(5, 7, { complete: false }), true);
  expect(log.prepend(page(3, 5, { complete: false, left: 3 }))).toBe(2);
  log.prepend(page(0, 3));
  expect(shown(log)[0]).toBe("line 0");
  expect([log.first, log.whole]).toEqual(["f:0", true]);
});

test("while the end is followed the top goes, and can be read again from there", () => {
  const log = new LogLines();
  for (let n = 0; n < 20_000; n += 200) log.append(page(n, n + 200), true);
  expect(log.rows.length).toBeLessThanOrEqual(MOST_ROWS + 1_000);
  const top = log.rows[0];
  expect(top?.kind === "line" && log.first === top.line.position && !log.whole).toBe(true);
});

test("while the person reads above nothing goes, and there is an end to it", () => {
  const log = new LogLines();
  for (let n = 0; n < MOST_READ; n += 200) {
    expect(log.full).toBe(false);
    log.append(page(n, n + 200), false);
  }
  expect([log.full, shown(log)[0]]).toEqual([true, "line 0"]);
});
