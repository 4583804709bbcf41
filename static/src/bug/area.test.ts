import { expect, test } from "vitest";
import { between, isMeant, scaled } from "./area";

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
