import { expect, test } from "vitest";
import { newerOf } from "./newer";

const plan = (id: number, number: number, state = "waiting", request_id = 1) => ({ id, number, state, request_id });

test("the newest plan of the request is the one to read", () => {
  const plans = [plan(3, 2, "changes_asked"), plan(7, 4), plan(5, 3, "changes_asked"), plan(9, 9, "waiting", 2)];
  expect(newerOf(plan(3, 2), plans)?.id).toBe(7);
  expect(newerOf(plan(7, 4), plans)).toBeUndefined();
});

test("a try that is not shown to anybody leads nowhere", () => {
  expect(newerOf(plan(3, 2), [plan(4, 3, "draft")])).toBeUndefined();
});
