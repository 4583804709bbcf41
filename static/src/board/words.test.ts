import { expect, test } from "vitest";
import type { Card, Column } from "../api/types";
import { asideOf, badgesOf, countWords, noteWords } from "./words";

const card = (change: Partial<Card> = {}): Card =>
  ({
    state: "running",
    kind: "feature",
    priority: 7,
    round: 1,
    round_max: 4,
    merged_sha: null,
    sent_back: null,
    tests: null,
    scan: null,
    diff_stat: null,
    criteria_met: 0,
    criteria_total: 3,
    blocked_by_keys: [],
    ...change,
  }) as Card;
const column = (change: Partial<Column>): Column => ({ wip: 2, count: 0, over: false, tasks: [], ...change }) as Column;
const said = (change: Partial<Card>) => badgesOf(card(change)).map((badge) => badge.words);

test("a new card says what is to be proven", () => {
  expect(said({})).toEqual(["0 of 3 criteria"]);
  expect(said({ criteria_total: 0 })).toEqual([]);
});

test("a card in nobody's hands says so first", () => expect(said({ orphan: true })[0]).toBe("in nobody's hands"));

test("a card that was sent back says by whom and which round; old good news is silent", () => {
  const back = {
    sent_back: { stage: "qa", sentence: "1 test fails" },
    tests: { passed: 43, failed: 1 },
    scan: { new_findings: 0 },
    round: 2,
  };
  expect(said(back)).toEqual(["QA sent it back", "1 of 44 tests fail"]);
  expect(asideOf(card(back))).toBe("round 2 of 4");
});

test("proven things are told", () => {
  expect(said({ tests: { passed: 44, failed: 0 }, scan: { new_findings: 0 } })).toEqual(["44 tests", "SEC clean"]);
  expect(said({ criteria_met: 2 })).toEqual(["2 of 3 criteria"]);
  expect(asideOf(card({ diff_stat: { files: 3, added: 86, removed: 12 } }))).toBe("+86 −12");
});

test("a done card tells its merge and nothing else", () => {
  expect(said({ state: "done", merged_sha: "1a9f3c2d55", tests: { passed: 1, failed: 0 } })).toEqual([
    "merged 1a9f3c2",
  ]);
});

test("a blocked card says what it waits for", () => {
  expect(asideOf(card({ state: "blocked", blocked_by_keys: ["TILL-1", "TILL-2"] }))).toBe("after TILL-1, TILL-2");
});

test("columns count against their limit, and say who is needed", () => {
  expect(countWords(column({ count: 1 }), false)).toBe("1 / 2");
  expect(countWords(column({ wip: 100_000, count: 3 }), false)).toBe("3");
  expect(noteWords(column({ count: 2 }))).toBe("full");
  expect(noteWords(column({ count: 3, over: true }))).toBe("over its limit");
  expect(noteWords(column({ count: 1, waiting: 1, tasks: [card({ state: "waiting" })] }))).toBe("needs you");
  expect(noteWords(column({ count: 1 }))).toBe("");
});
