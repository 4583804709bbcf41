import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clock } from "../clock/words";
import { keepLook, look, USUAL, wear } from "./look";

const kept = new Map<string, string>();
const dataset: Record<string, string> = {};

beforeEach(() => {
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
  vi.stubGlobal("document", { documentElement: { dataset } });
});

afterEach(() => {
  kept.clear();
  wear(USUAL);
  vi.unstubAllGlobals();
});

test("what is kept is put on again, dates too", () => {
  keepLook({ density: "roomy", motion: "still", dates: "de" });
  expect(look()).toEqual({ density: "roomy", motion: "still", dates: "de" });
  expect(dataset).toEqual({ density: "roomy", motion: "still" });
  expect(clock("2026-03-01T12:00:00Z")).toContain("01.03.2026");
});

test.each(["{", "5", '{"density":"huge","motion":7,"dates":"<b>"}', '{"dates":"no language"}'])(
  "%s is no look, so the usual one is worn",
  (text) => {
    kept.set("wfhub.look", text);
    expect(look()).toEqual(USUAL);
  },
);
