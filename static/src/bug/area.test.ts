import { expect, test } from "vitest";
import { areaWords, between, isMeant, keyed, scaled } from "./area";

const frame = { width: 100, height: 50 };

test("a rectangle is the same from whichever corner it was drawn, and stays within the picture", () => {
  const area = { x: 10, y: 5, width: 30, height: 15 };
  expect(between({ x: 10, y: 5 }, { x: 40, y: 20 }, frame)).toEqual(area);
  expect(between({ x: 40, y: 20 }, { x: 10, y: 5 }, frame)).toEqual(area);
  expect(between({ x: -20, y: 40 }, { x: 500, y: 90 }, frame)).toEqual({ x: 0, y: 40, width: 100, height: 10 });
});

test("a touch is no rectangle", () => {
  expect(isMeant({ x: 1, y: 1, width: 2, height: 80 })).toBe(false);
  expect(isMeant({ x: 1, y: 1, width: 20, height: 8 })).toBe(true);
});

test("what is blackened covers every pixel that it touches, and none beside the picture", () => {
  expect(scaled({ x: 10.2, y: 5, width: 30, height: 45 }, frame, { width: 333, height: 111 })).toEqual({
    x: 33, y: 11, width: 101, height: 100,
  }); // prettier-ignore
});

test("arrows place a rectangle, move it and size it, within the picture", () => {
  const first = keyed(null, "ArrowDown", false, { width: 300, height: 90 });
  expect(first).toEqual({ x: 100, y: 30, width: 100, height: 30 });
  const at = { x: 95, y: 0, width: 5, height: 10 };
  expect(keyed(at, "ArrowRight", false, frame)).toEqual(at);
  expect(keyed(at, "ArrowLeft", false, frame)).toEqual({ ...at, x: 87 });
  expect(keyed(at, "ArrowDown", true, frame)).toEqual({ ...at, height: 18 });
  expect(keyed(at, "ArrowUp", true, frame)).toEqual({ ...at, height: 4 });
  expect(keyed(at, "a", false, frame)).toBeNull();
});

test("a rectangle is told in shares of the picture", () => {
  expect(areaWords({ x: 10, y: 5, width: 30, height: 15 }, frame)).toBe(
    "From 10 % to 40 % across, from 10 % to 40 % down.",
  );
});
