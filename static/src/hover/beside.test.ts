import { expect, test } from "vitest";
import { beside } from "./beside";

const VIEW = { width: 1000, height: 600 };
const BOX = { width: 300, height: 200 };
const at = (left: number, top: number, width: number, height: number) =>
  ({ left, top, width, height, right: left + width, bottom: top + height }) as DOMRectReadOnly;

test.each([
  ["right of it", at(100, 50, 200, 80), { left: 308, top: 50 }],
  ["left of what stands at the right", at(700, 50, 200, 80), { left: 392, top: 50 }],
  ["no lower than the window", at(100, 580, 200, 20), { left: 308, top: 392 }],
  ["below a wide line", at(50, 50, 900, 30), { left: 50, top: 88 }],
  ["above a wide line at the bottom", at(50, 560, 900, 30), { left: 50, top: 352 }],
  ["within the window where a wide line begins far right", at(290, 50, 700, 30), { left: 290, top: 88 }],
])("%s", (_, by, where) => {
  expect(beside(by, BOX, VIEW)).toEqual(where);
});
