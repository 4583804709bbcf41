import { expect, test } from "vitest";
import type { Agent } from "../api/types";
import { beatWords, cageName, limitWords, loadWords } from "./words";

const jobs = (count: number) => Array.from({ length: count }, () => ({}) as Agent["jobs"][number]);

test("the load is told by the smaller of both limits, with what is between two steps", () => {
  expect(loadWords({ jobs: jobs(1), limit: 4, capacity: 4, runs: 1 })).toBe("1 of 4 jobs");
  expect(loadWords({ jobs: jobs(1), limit: 2, capacity: 4, runs: 3 })).toBe("1 of 2 jobs, 2 between two steps");
  expect(loadWords({ jobs: [], limit: 1, capacity: null, runs: 0 })).toBe("0 of 1 job");
});

test("limits that differ are told with what to do", () => {
  expect(limitWords({ limit: 4, capacity: 4 })).toBe("");
  expect(limitWords({ limit: 4, capacity: null })).toBe("");
  expect(limitWords({ limit: 2, capacity: 4 })).toContain("AGENT_CAPACITY");
  expect(limitWords({ limit: 4, capacity: 2 })).toContain("wait for their turn");
});

test("how long it is away is told only where it is", () => {
  expect(beatWords({ state: "alive", seen_seconds_ago: 2 })).toBe("answers now");
  expect(beatWords({ state: "gone", seen_seconds_ago: 3700 })).toBe("last answered 1 h 1 min ago");
  expect(beatWords({ state: "late", seen_seconds_ago: null })).toBe("has not answered since the hub started");
});

test("a missing cage is said, not left blank", () => expect(cageName(null)).toBe("none that works"));
