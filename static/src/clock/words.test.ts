import { expect, test } from "vitest";
import { ago, duration, waits } from "./words";

test.each([
  [-3, "0 s"],
  [0.4, "0 s"],
  [8, "8 s"],
  [60, "1 min"],
  [72, "1 min 12 s"],
  [11 * 60 + 20, "11 min"],
  [3 * 3600 + 20 * 60, "3 h 20 min"],
  [86_400, "1 day"],
  [200_000, "2 days"],
])("%d seconds are %s", (seconds, words) => expect(duration(seconds)).toBe(words));

const at = "2026-01-01T00:00:00Z";
const later = (seconds: number) => Date.parse(at) + seconds * 1000;

test("ago", () => {
  expect(ago(at, later(-20))).toBe("just now");
  expect(ago(at, later(10))).toBe("just now");
  expect(ago(at, later(100))).toBe("2 min ago");
  expect(ago(at, later(7200))).toBe("2 h ago");
});

test("a wait below a minute is not told", () => {
  expect(waits(at, later(20))).toBe("");
  expect(waits(at, later(6 * 60 + 50))).toBe("6 min");
});
