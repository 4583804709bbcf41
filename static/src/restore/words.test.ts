import { expect, test } from "vitest";
import type { WaysBack } from "../api/types";
import { keptWords, pointsOf, underWay } from "./words";

const AT = "2026-01-01T00:00:00Z";
const point = (run_id: string, values: Partial<WaysBack["checkpoints"][number]> = {}) => ({
  run_id,
  stage: "dev",
  role: "dev",
  round: 1,
  at: AT,
  state: "passed",
  branch: "wfhub/T-1-2",
  sha: "a".repeat(40),
  ref: `refs/wfhub/checkpoints/${run_id}`,
  current: true,
  ...values,
});
const kept = (ref: string) => ({ ref, sha: "b".repeat(40), at: AT, subject: "Work" });
const taken = (values: Partial<WaysBack["taken"][number]>): WaysBack["taken"][number] => ({
  id: 1,
  kind: "undo_merge",
  state: "done",
  actor: "person",
  note: "",
  branch: "main",
  before: null,
  after: null,
  sentence: "",
  created_at: AT,
  finished_at: AT,
  ...values,
});
const ways = (values: Partial<WaysBack>): WaysBack => ({
  branch: "wfhub/T-1-2",
  undoable: false,
  checkpoints: [],
  kept: [],
  taken: [],
  ...values,
});

test("a task that has nothing to go back to is offered nothing", () => {
  const points = pointsOf(ways({ kept: [kept("refs/heads/wfhub/T-1-2")] }));
  expect(Object.values(points).flat()).toEqual([]);
});

test("its own branch is rolled back, others are recovered", () => {
  const points = pointsOf(
    ways({
      checkpoints: [point("r2", { round: 2, state: "failed" }), point("r1", { current: false, branch: "wfhub/T-1-1" })],
      kept: [kept("refs/heads/wfhub/T-1-2"), kept("refs/wfhub/kept/T-1/0123456789abcdef-rolled-back")],
    }),
  );
  expect(points.rollback).toEqual([
    { way: { kind: "rollback", to: "r2" }, title: "before DEV, round 2", at: AT, hint: "which failed" },
  ]);
  expect(points.recover.map(({ title }) => title)).toEqual(["what was rolled back", "wfhub/T-1-1 before DEV"]);
});

test("what was undone last comes first, until it is merged again", () => {
  const undone = { taken: [taken({})], branch: null, kept: [kept("refs/heads/wfhub/T-1-1")] };
  expect(pointsOf(ways(undone)).recover[0]?.way).toEqual({ kind: "recover", to: null });
  expect(pointsOf(ways({ ...undone, undoable: true })).recover).toHaveLength(1);
});

test("what is under way is told, and refs in words", () => {
  expect(underWay(ways({ taken: [taken({ state: "begun" })] }))).toBe("its merge is being undone");
  expect(underWay(ways({ taken: [taken({})] }))).toBeNull();
  expect(keptWords("refs/wfhub/lost/T-1-1")).toBe("files that were not committed");
  expect(keptWords("refs/heads/wfhub/T-1-1")).toBe("the branch wfhub/T-1-1");
});
