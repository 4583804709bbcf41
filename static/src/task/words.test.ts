import { expect, test } from "vitest";
import { ruleWords, startWord, stateWords } from "./words";

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
