import { expect, test } from "vitest";
import { left, onWith, standing } from "./begun";

const BASE = { all: 5, run: null as number | null };

test("a form shows what stands until something is begun", () => {
  expect(standing(null, BASE)).toEqual({ values: BASE, changed: false, overtaken: false });
  expect(standing({ base: BASE, values: { ...BASE } }, BASE).changed).toBe(false);
});

test("words that were begun stay when others change the same, and it is said", () => {
  const begun = { base: BASE, values: { ...BASE, all: 7 } };
  expect(standing(begun, BASE)).toEqual({ values: begun.values, changed: true, overtaken: false });
  const now = { all: 5, run: 1 };
  expect(standing(begun, now)).toEqual({ values: begun.values, changed: true, overtaken: true });
  const mine = onWith(begun, now);
  expect(standing(mine, now)).toEqual({ values: { all: 7, run: 1 }, changed: true, overtaken: false });
});

test("others who changed the same to the same are no matter", () => {
  expect(standing({ base: BASE, values: { ...BASE, all: 7 } }, { ...BASE, all: 7 }).overtaken).toBe(false);
});

test("what was written while it was saved is left, over what was saved", () => {
  const sent = { base: BASE, values: { ...BASE, all: 7 } };
  expect(left(sent, sent)).toBeNull();
  expect(left({ base: BASE, values: { ...BASE, all: 8 } }, sent)).toEqual({
    base: sent.values,
    values: { ...BASE, all: 8 },
  });
});
