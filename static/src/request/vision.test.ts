import { beforeEach, expect, test, vi } from "vitest";
import { hasPicture, keepVision, visionKept } from "./vision";

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
});

test("who describes pictures is kept as long as the owner allows it", () => {
  expect(visionKept(["a/one", "a/two"])).toBeNull();
  keepVision("a/two");
  expect(visionKept(["a/one", "a/two"])).toBe("a/two");
  expect(visionKept(["a/one"])).toBeNull();
  keepVision(null);
  expect(visionKept(["a/one", "a/two"])).toBeNull();
});

test("only pictures need somebody to look at them", () => {
  expect(hasPicture([{ type: "text/plain" }])).toBe(false);
  expect(hasPicture([{ type: "text/plain" }, { type: "image/png" }])).toBe(true);
});
