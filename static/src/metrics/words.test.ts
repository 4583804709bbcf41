import { expect, test } from "vitest";
import { datesOf, isSpan, spanQuery } from "./span";
import { dayIn, percent, reasonWords } from "./words";

test("a span is so many days, or two dates", () => {
  expect(spanQuery("7", "UTC")).toEqual({ zone: "UTC", days: 7 });
  expect(spanQuery(null, "Europe/Berlin")).toEqual({ zone: "Europe/Berlin", days: 30 });
  expect(spanQuery("2026-01-01..2026-01-31", "UTC")).toEqual({ zone: "UTC", from: "2026-01-01", to: "2026-01-31" });
  expect(datesOf("2026-01-01..2026-01-31")).toEqual(["2026-01-01", "2026-01-31"]);
  expect(datesOf("7")).toBeNull();
});

test("what is no span of the page is none in the address", () => {
  expect(["1", "90", "2026-01-01..2026-01-31"].every(isSpan)).toBe(true);
  expect(["8", "", "2026-01-01", "2026-1-1..2026-1-2", null].some(isSpan)).toBe(false);
});

test("a day is the person's", () => {
  const late = new Date("2026-03-28T23:30:00Z");
  expect([dayIn("UTC", late), dayIn("Europe/Berlin", late)]).toEqual(["2026-03-28", "2026-03-29"]);
});

test("shares and reasons are said in words", () => {
  expect([percent(0.9336), percent(1), percent(null)]).toEqual(["93.4 %", "100 %", "–"]);
  expect([reasonWords("plan"), reasonWords("new one"), reasonWords("")]).toEqual([
    "approval of a plan",
    "new one",
    "no reason told",
  ]);
});
