import { expect, test } from "vitest";
import type { PlanProgress } from "../api/types";
import { heldWords, notBegun } from "./replan";

const progress = (...states: string[]) =>
  ({ tasks: states.map((state, index) => ({ key: `POC-${index + 1}`, state })) }) as PlanProgress;

test("what is under way, waits for a person or is over is no rest", () => {
  expect(notBegun(progress("running", "waiting", "paused", "done", "cancelled", "blocked", "queued", "idle"))).toEqual([
    "POC-6",
    "POC-7",
    "POC-8",
  ]);
  expect(notBegun(undefined)).toEqual([]);
});

test("what is held is named", () => {
  expect(heldWords(["POC-1"])).toBe("POC-1 is held");
  expect(heldWords(["POC-1", "POC-2", "POC-3"])).toBe("POC-1, POC-2, and POC-3 are held");
});
