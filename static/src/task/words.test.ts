import { expect, test } from "vitest";
import { firstTab, moveMeans, ruleWords, startWord, stateWords, worthTelling } from "./words";

const standing = (state: string, waiting_reason: string | null = null) => ({ state, waiting_reason });

test("a state is told in words, a wait by its reason", () => {
  expect(stateWords(standing("queued"))).toBe("waits for a free agent");
  expect(stateWords(standing("waiting", "approval"))).toBe("waits for your approval");
  expect(stateWords(standing("waiting", "a_new_reason"))).toBe("waits for you");
  expect(stateWords(standing("half_done"))).toBe("half done");
});

test("only what a person can start has a word for it", () => {
  expect(startWord(standing("idle"))).toBe("Start");
  expect(startWord(standing("waiting", "trigger"))).toBe("Run");
  expect(startWord(standing("waiting", "stall"))).toBe("Try again");
  for (const none of [
    standing("waiting", "approval"),
    standing("running"),
    standing("queued"),
    standing("done"),
    standing("cancelled"),
    standing("blocked"),
  ]) {
    expect(startWord(none)).toBeNull();
  }
});

test("a rule is told by its name", () => {
  expect(ruleWords("tests_touched")).toBe("tests touched");
});

test("a move says what it brings about", () => {
  expect(moveMeans({ state: "idle", key: "A-1" }, null)).toBe("Choose where it goes.");
  expect(moveMeans({ state: "running", key: "A-1" }, "backlog")).toMatch(/^The run at work is stopped.*A-1 rests/);
  expect(moveMeans({ state: "idle", key: "A-1" }, "qa")).toMatch(/^A-1 waits there/);
});

test.each([
  ["runs", "running", null],
  ["changes", "waiting", "approval"],
  ["overview", "waiting", "answer"],
  ["overview", "idle", null],
] as const)("%s first where it is %s for %s", (tab, state, reason) =>
  expect(firstTab({ ...standing(state, reason), stage: "dev" })).toBe(tab),
);

test("nothing is told as missing before anybody looked", () => {
  const [missing, proven] = [{ state: "missing" }, { state: "proven" }];
  expect(worthTelling([missing])).toEqual([]);
  expect(worthTelling([missing, proven])).toEqual([missing, proven]);
});
