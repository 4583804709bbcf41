import { describe, expect, it } from "vitest";
import type { Pauses } from "../api/types";
import { bannerWords, taskVerb } from "./words";

const none: Pauses = { everything: false, pauses: [], runs: [] };
const project = {
  scope: "project",
  id: "2",
  name: "POC",
  title: "Till",
  project_id: 2,
  task_id: null,
  at: null,
  by: null,
} as const;

describe("what a person reads of pauses", () => {
  it("offers what the task's standing allows", () => {
    const at = { paused_at: null, current_run_id: null };
    expect(taskVerb({ ...at, state: "running" })).toBe("pause");
    expect(taskVerb({ ...at, state: "waiting" })).toBe("pause");
    expect(taskVerb({ ...at, state: "waiting", paused_at: "2026-01-01" })).toBe("resume");
    expect(taskVerb({ ...at, state: "paused", current_run_id: "r" })).toBe("resume");
    expect(taskVerb({ ...at, state: "paused" })).toBeNull(); // killed: it is run again, not resumed
    expect(taskVerb({ ...at, state: "done" })).toBeNull();
  });

  it("says in the banner what stands still", () => {
    expect(bannerWords(none, null)).toBeNull();
    expect(bannerWords({ ...none, everything: true }, 2)).toContain("Everything is paused");
    expect(bannerWords({ ...none, pauses: [project] }, 2)).toContain("This project is paused");
    expect(bannerWords({ ...none, pauses: [project] }, 3)).toBeNull();
    expect(bannerWords({ ...none, pauses: [project] }, null)).toBe("Till is paused: none of its runs begins.");
  });
});
