import { expect, test } from "vitest";
import { shownBy } from "./shown";

test.each([
  [null, null, "not looked at yet", "plain"],
  [true, "proven", "proven", "ok"],
  [true, "judged", "judged, not proven", "plain"],
  [true, null, "judged, not proven", "plain"],
  [true, "by_person", "you say so", "accent"],
  [false, "proven", "does not hold: proven", "bad"],
] as const)("met %s by %s is told as: %s", (met, how, words, tone) =>
  expect(shownBy({ met, how })).toEqual({ words, tone }),
);
