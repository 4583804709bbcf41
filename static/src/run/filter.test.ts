import { expect, test } from "vitest";
import { readRunFilter, sinceOf, spanOf } from "./filter";

const now = Date.parse("2026-03-10T12:34:56Z");

test("what stands in the address is what is asked for, and what is none is left out", () => {
  expect(readRunFilter({ state: "passed,failed,splendid", stage: "dev", since: "2026-03-01", until: "never" })).toEqual({
    state: ["passed", "failed"], stage: "dev", role: null, model: null, agent: null, started: null, text: null,
    since: "2026-03-01T00:00:00.000Z", until: null,
  }); // prettier-ignore
  expect(readRunFilter({ text: "  " }).text).toBeNull();
});

test("a span is known again from the moment it began", () => {
  expect(sinceOf("day", now)).toBe("2026-03-09T12:00:00.000Z");
  expect(spanOf(sinceOf("week", now), now)).toBe("week");
  expect(spanOf("2026-01-01T00:00:00Z", now)).toBeNull();
  expect(spanOf(null, now)).toBeNull();
});
