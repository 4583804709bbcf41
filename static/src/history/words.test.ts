import { expect, test } from "vitest";
import { changesOf, subjectOf } from "./words";

test("what was changed is told field by field, what stayed is not", () => {
  expect(changesOf({ before: { title: "Old", priority: 5 }, after: { title: "New", priority: 5 } })).toEqual([
    { field: "title", before: "Old", after: "New" },
  ]);
  expect(changesOf({ before: null, after: { limit_usd: 5 } })).toEqual([
    { field: "limit usd", before: "", after: "5" },
  ]);
  expect(changesOf({ before: null, after: null })).toEqual([]);
  expect(changesOf({ before: {}, after: { body: "x".repeat(500) } })[0]?.after).toHaveLength(161);
});

test("a line names what it is about", () => {
  expect(subjectOf({ about: { key: "POC-1", title: "Say hi" } })).toBe("POC-1 Say hi");
  expect(subjectOf({ about: {} })).toBe("");
});
