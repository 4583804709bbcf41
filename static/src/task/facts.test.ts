import { expect, test } from "vitest";
import { factWords } from "./facts";

const fact = (kind: string, data = {}) => factWords({ seq: 1, at: "", actor: "qa", kind, data });

test.each([
  ["task.stage", { new: "dev", sent_back: true }, "sent it back to DEV"],
  ["run.failed", { stage: "qa", seconds: 3.2, summary: "1 test fails" }, "failed QA in 3 s: 1 test fails"],
  ["run.step", { step: "0-tests", tests: { passed: 43, failed: 1, errors: 0 } }, "1 of 44 tests fail"],
  [
    "run.step",
    { step: "0-tests-base", tests: { passed: 40, failed: 0, errors: 0 } },
    "40 tests pass at the merge base",
  ],
  ["task.merged", { commit: "1a9f3c2d5566" }, "merged it as 1a9f3c2d55"],
  [
    "run.model_changed",
    { taken: "ollama/b", sentence: "a can’t be reached." },
    "goes on with ollama/b: a can’t be reached.",
  ],
  ["guardian.took_over", {}, "guardian took over"],
])("%s %j is told as: %s", (kind, data, words) => expect(fact(kind, data)).toBe(words));

test("steps without a count and what others tell are silent", () => {
  expect(fact("run.step", { step: "0-edit" })).toBeNull();
  expect(fact("task.queued")).toBeNull();
});
