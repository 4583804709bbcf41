import { expect, test } from "vitest";
import type { UsedUp } from "../api/types";
import { dollars, lets, standing, suggested, tooLittle } from "./words";

const wait = (task_id: number | null) => ({
  run_id: "r",
  task_id,
  request_id: task_id === null ? 1 : null,
  title: "POC-1 Write",
  stage: "dev",
  needs_usd: 0.02,
});
const budget = (values: Partial<UsedUp> = {}): UsedUp => ({
  scope: "run",
  key: "r",
  limit_usd: 0.05,
  spent_usd: 0.0482,
  held_usd: 0,
  enough_usd: 0.0682,
  project_version: null,
  waits: [wait(1)],
  ...values,
});

test("money has as many digits as it takes", () => {
  expect([0, 0.05, 0.0482, 12, 1234.5, 0.00004].map(dollars)).toEqual([
    "$0.00",
    "$0.05",
    "$0.0482",
    "$12.00",
    "$1234.50",
    "$0.00",
  ]);
});

test("the field begins with enough, and never with less than what waits needs", () => {
  expect(suggested(budget())).toBe(0.1);
  expect(suggested(budget({ enough_usd: 0.3333 }))).toBe(0.3333);
  expect(suggested(budget({ limit_usd: 3, enough_usd: 7.001 }))).toBe(7.01);
  expect(suggested(budget({ limit_usd: 0, enough_usd: 0.00061 }))).toBe(0.0007);
});

test("how it stands and whom it lets go on", () => {
  expect(standing(budget())).toBe("$0.0482 of $0.05 spent");
  expect(standing(budget({ held_usd: 0.01 }))).toBe("$0.0482 of $0.05 spent and $0.01 held for calls under way");
  expect(lets(budget())).toBe("1 task goes on where it stopped.");
  expect(lets(budget({ waits: [wait(1), wait(2), wait(null)] }))).toBe(
    "2 tasks and 1 request go on where they stopped.",
  );
});

test("an amount that is not enough is said before it is sent", () => {
  expect(tooLittle(null, budget())).toBe("Say how much it may cost.");
  expect(tooLittle(0.05, budget())).toBe("It is $0.05 already: say more than that.");
  expect(tooLittle(0.06, budget())).toBe("With less than $0.0682 the next call does not fit.");
  expect(tooLittle(0.06, budget({ waits: [wait(1), wait(2)] }))).toBe("With less than $0.0682 not all of them go on.");
  expect(tooLittle(0.07, budget())).toBe("");
});
