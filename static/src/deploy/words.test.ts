import { expect, test } from "vitest";
import type { Deploy } from "../api/types";
import { isUnderWay, stateOf } from "./words";

const deploy = (some: Partial<Deploy>) => ({ state: "failed", waits: false, decision: null, ...some }) as Deploy;

test("one that waits says so before all else, one that was decided says how", () => {
  expect(stateOf(deploy({ state: "interrupted", waits: true }))).toEqual({
    words: "cut off, waits for you",
    tone: "wait",
  });
  expect(stateOf(deploy({ decision: "send_back" }))).toEqual({ words: "failed, sent back", tone: "bad" });
  expect(stateOf(deploy({ state: "passed" })).tone).toBe("ok");
  expect([isUnderWay({ state: "queued" }), isUnderWay({ state: "passed" })]).toEqual([true, false]);
});
