import { expect, test } from "vitest";
import type { InboxItem } from "../api/types";
import { news } from "./news";

const item = (key: string): InboxItem =>
  ({ key, kind: "plan", title: `Plan ${key}`, sentence: "A plan waits.", reason: "plan", question: null }) as InboxItem;

test("each new item is told once, and what was there is not", () => {
  const told = news(new Set(["plan:1"]), [item("plan:1"), item("plan:2")]);
  expect(told).toEqual([
    { tag: "plan:2", title: "Plan plan:2", text: "a plan waits for you: A plan waits.", item: "plan:2" },
  ]);
  expect(news(new Set(["plan:1", "plan:2"]), [item("plan:1")])).toEqual([]);
});

test("many at once are told in one", () => {
  const told = news(new Set(), ["a", "b", "c", "d"].map(item));
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ title: "4 things wait for you", item: null });
});
