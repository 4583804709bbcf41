import { expect, test } from "vitest";
import { leftOut, waitWords } from "./words";

const prompt = (step: string, left_out: string[]) => ({
  step,
  tokens: 900,
  room: 1000,
  counted_by: "estimate",
  left_out,
});

test("a run says once what its models were not told", () => {
  expect(leftOut({ prompts: [prompt("0-edit", [])] })).toBe("");
  expect(
    leftOut({ prompts: [prompt("0-edit", ["Environment", "the file a.py"]), prompt("1-judge", ["Environment"])] }),
  ).toBe("Not told, for want of room in the model's context: Environment, the file a.py.");
});

test("a wait says for whom it was", () => {
  expect(waitWords({ why: "waiting", reason: "approval", open: true })).toBe("waits for your approval");
  expect(waitWords({ why: "waiting", reason: "something_new", open: false })).toBe("waited for you");
  expect(waitWords({ why: "queued", reason: "", open: false })).toBe("waited for a free agent");
});
