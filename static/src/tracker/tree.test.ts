import { describe, expect, it } from "vitest";
import type { OutsideItem } from "../api/types";
import { comes, found, type Row, rowsOf, treeOf } from "./tree";

const item = (external_id: string, more: Partial<OutsideItem> = {}): OutsideItem => ({
  external_id,
  title: `Task ${external_id}`,
  verdict: "new",
  url: "",
  done: false,
  parent: null,
  subtasks: 0,
  task_id: null,
  key: null,
  differs: [],
  ...more,
});

const drawn = (rows: Row[]) => rows.map(({ item: { external_id }, depth }) => `${".".repeat(depth)}${external_id}`);

describe("a tree of their tasks", () => {
  it("has each part below its whole, whatever the order", () => {
    const items = [item("c", { parent: "b" }), item("a"), item("b", { parent: "a" }), item("d")];
    expect(drawn(treeOf(items))).toEqual(["a", ".b", "..c", "d"]);
  });

  it("loses none whose parent did not come, or that go round in a circle", () => {
    const items = [item("x", { parent: "away" }), item("y", { parent: "z" }), item("z", { parent: "y" })];
    expect(
      drawn(treeOf(items))
        .map((line) => line.replaceAll(".", ""))
        .sort(),
    ).toEqual(["x", "y", "z"]);
  });

  it("shows the subtasks of what is unfolded", () => {
    const top = item("a", { subtasks: 1 });
    const unfolded = new Map([["a", [top, item("b", { parent: "a" })]]]);
    expect(drawn(rowsOf([top, item("c")], unfolded))).toEqual(["a", ".b", "c"]);
  });
});

describe("what is shown and comes", () => {
  const rows = treeOf([
    item("a", { title: "Show the total", subtasks: 1 }),
    item("b", { title: "Round it", parent: "a", verdict: "differs", key: "TIL-2" }),
    item("c", { title: "Take cash", done: true, verdict: "same" }),
  ]);

  it("is found by all its words, in the title or the key", () => {
    expect(drawn(found(rows, "total SHOW", "all"))).toEqual(["a"]);
    expect(drawn(found(rows, "til-2", "all"))).toEqual([".b"]);
    expect(found(rows, "nothing", "all")).toEqual([]);
  });

  it("is of the kind that is asked for", () => {
    expect(drawn(found(rows, "", "new"))).toEqual(["a"]);
    expect(drawn(found(rows, "", "changed"))).toEqual([".b"]);
    expect(drawn(found(rows, "", "here"))).toEqual([".b", "c"]);
    expect(drawn(found(rows, "", "open"))).toEqual(["a", ".b"]);
  });

  it("comes along with the whole only where subtasks are wanted", () => {
    const [whole, part] = rows as [Row, Row, Row];
    const chosen = new Set(["a"]);
    expect(comes(whole, chosen, true)).toBe("chosen");
    expect(comes(part, chosen, true)).toBe("along");
    expect(comes(part, chosen, false)).toBeNull();
    expect(comes(part, new Set(["b"]), true)).toBe("chosen");
  });
});
