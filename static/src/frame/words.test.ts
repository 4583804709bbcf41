import { expect, test } from "vitest";
import { costWords, waitingWords, workingWords } from "./words";

test.each([
  ["0", "$0.00"],
  ["0.000000", "$0.00"],
  ["1.5", "$1.50"],
  ["0.004231", "$0.0042"],
  ["nonsense", "$0.00"],
])("%s dollars are %s", (sum, words) => expect(costWords(sum)).toBe(words));

test("counts speak as people do", () => {
  const working = (still: boolean) => [0, 1, 2].map((count) => workingWords(count, still));
  expect(working(false)).toEqual(["Nobody is working", "1 agent working", "2 agents working"]);
  expect(working(true)).toEqual(["Nobody is working", "1 agent stands still", "2 agents stand still"]);
  expect([0, 1, 2].map(waitingWords)).toEqual(["Nothing waits for you", "1 waits for you", "2 wait for you"]);
});
