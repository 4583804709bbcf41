import { expect, test } from "vitest";
import { between, brief, gapWords, sizeWords, stateWords, whole } from "./words";

test("how the lines come is said in words", () => {
  expect(stateWords("live", false, false)).toBe("Live");
  expect(stateWords("polling", false, false)).toContain("each second");
  expect(stateWords("live", true, false)).toContain("goes on from here");
  expect(stateWords("live", false, true)).toContain("Held back");
});

test("what was left out is counted", () => {
  expect(gapWords(1, false)).toBe("1 line between is not shown");
  expect(gapWords(12_345, true)).toBe("12,345 lines were not looked through");
});

test("sizes", () => {
  expect([0, 999, 1_500, 9_400_000, 94_000_000].map(sizeWords)).toEqual(["0 B", "999 B", "2 KB", "9.4 MB", "94 MB"]);
});

test("fields in one line, without what each line has", () => {
  expect(brief({ fields: { service: "main-api", path: "/board", ms: 3, empty: null, list: [1] } })).toBe(
    "path=/board ms=3 list=[1]",
  );
  expect(brief({ fields: { body: `a\n${"b".repeat(900)}` } }).length).toBeLessThan(170);
  expect(brief({ fields: { html: "<b>x</b>" } })).toBe("html=<b>x</b>");
});

test("unfolded values keep their lines", () => {
  expect([whole("a\nb"), whole({ a: 1 })]).toEqual(["a\nb", '{\n  "a": 1\n}']);
});

test("times", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect(between("any", "", "", now)).toBeNull();
  expect(between("60", "", "", now)).toEqual({ since: "2026-01-01T11:00:00.000Z", until: null });
  expect(between("between", "", "nonsense", now)).toEqual({ since: null, until: null });
  expect(between("between", "2026-01-01T10:00", "", now)?.since).toBe(new Date("2026-01-01T10:00").toISOString());
});
