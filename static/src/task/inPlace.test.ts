import { expect, test } from "vitest";
import { afterConflict } from "./inPlace";

test.each([
  ["again", { begun: "a", theirs: "a", mine: "b" }],
  ["same", { begun: "a", theirs: "b", mine: "b" }],
  ["ask", { begun: "a", theirs: "c", mine: "b" }],
] as const)("a refused save leads to: %s", (what, sides) => expect(afterConflict(sides)).toBe(what));
