import { expect, test } from "vitest";
import type { Question } from "../api/types";
import { openFirst, outcomeWords } from "./words";

test("how a question ended is said", () => {
  expect(outcomeWords({ state: "answered", answer: "Euro.", note: "" })).toBe("You answered: Euro.");
  expect(outcomeWords({ state: "void", answer: null, note: "It was run again." })).toContain("It was run again.");
});

test("what waits for an answer stands first", () => {
  const asked = [
    { id: 1, state: "answered" },
    { id: 2, state: "asked" },
  ] as Question[];
  expect(openFirst(asked).map(({ id }) => id)).toEqual([2, 1]);
});
