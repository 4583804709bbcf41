import { expect, test } from "vitest";
import { withMine } from "./merge";

const BASE = { title: "DEV", models: ["small"], settings: { limits: { turns: 20 }, rights: { bugs: false } } };

test("what others changed stands where the person changed nothing", () => {
  const mine = { ...BASE, title: "Developer" };
  const now = { ...BASE, models: ["large"], settings: { ...BASE.settings, limits: { turns: 5 } } };
  expect(withMine(BASE, mine, now)).toEqual({ ...now, title: "Developer" });
});

test("inside of an object, too: another's limit and one's own right are both kept", () => {
  const mine = { ...BASE, settings: { ...BASE.settings, rights: { bugs: true } } };
  const now = { ...BASE, settings: { ...BASE.settings, limits: { turns: 5 } } };
  expect(withMine(BASE, mine, now).settings).toEqual({ limits: { turns: 5 }, rights: { bugs: true } });
});

test("where both changed the same, the person's is kept; a list is one thing", () => {
  const mine = { ...BASE, title: "Mine", models: ["small", "mine"] };
  const now = { ...BASE, title: "Theirs", models: ["theirs"] };
  expect(withMine(BASE, mine, now)).toEqual(mine);
});

test("who changed nothing takes what stands now", () => {
  const now = { ...BASE, title: "Theirs" };
  expect(withMine(BASE, { ...BASE }, now)).toBe(now);
  expect(withMine<number | null>(3, null, 5)).toBeNull();
});
