import { expect, test } from "vitest";
import type { Plan, Request } from "../api/types";
import { underWay } from "./underWay";

const NOW = Date.parse("2026-01-02T00:00:00Z");
const request = (id: number, state: string, updated_at = "2026-01-01T23:00:00Z", project_id = 1) =>
  ({ id, state, project_id, updated_at }) as Request;
const plan = (id: number, request_id: number, number: number, state: string) =>
  ({ id, request_id, number, state }) as Plan;
const ids = (requests: Request[], plans: Plan[], project: number | null = null) =>
  underWay(requests, plans, project, NOW).map((each) => [each.request.id, each.plan?.id ?? null]);

test("what the PM has, and plans that wait, the newest first", () => {
  const requests = [request(1, "planning"), request(2, "planned"), request(3, "planned"), request(4, "closed")];
  expect(ids(requests, [plan(8, 2, 1, "waiting"), plan(9, 3, 1, "approved")])).toEqual([
    [2, 8],
    [1, null],
  ]);
});

test("of several versions of a plan the newest counts", () => {
  const plans = [plan(9, 2, 2, "waiting"), plan(8, 2, 1, "changes_asked")];
  expect(ids([request(2, "planned")], plans)).toEqual([[2, 9]]);
});

test("a failure is shown for a day", () => {
  expect(ids([request(1, "failed"), request(2, "failed", "2025-12-30T00:00:00Z")], [])).toEqual([[1, null]]);
});

test("of the chosen project only", () => {
  expect(ids([request(1, "new"), request(2, "new", "2026-01-01T23:00:00Z", 2)], [], 2)).toEqual([[2, null]]);
});
