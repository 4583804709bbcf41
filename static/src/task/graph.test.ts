import { expect, test } from "vitest";
import { BOX, columns, layout, type Node } from "./graph";

const node = (id: number): Node => ({ id, key: `A-${id}`, title: "", state: "idle", waiting_reason: null });

test("a task stands right of all it waits for, however long the way", () => {
  const edges = [
    { from: 1, to: 2 },
    { from: 2, to: 3 },
    { from: 1, to: 3 },
  ];
  expect([...columns([3, 2, 1], edges)]).toEqual([
    [3, 2],
    [2, 1],
    [1, 0],
  ]);
});

test("edges in a circle end all the same", () => {
  const edges = [
    { from: 1, to: 2 },
    { from: 2, to: 1 },
  ];
  expect(columns([1, 2], edges).size).toBe(2);
});

test("no two boxes share a place, and a line leads from box to box", () => {
  const { nodes, edges, width, height } = layout(
    [node(1), node(2), node(3)],
    [
      { from: 1, to: 2 },
      { from: 1, to: 3 },
    ],
  );
  expect(new Set(nodes.map(({ x, y }) => `${x}/${y}`)).size).toBe(3);
  expect(width).toBe(2 * BOX.width + BOX.gapX);
  expect(height).toBe(2 * BOX.height + BOX.gapY);
  expect(edges[0]?.path).toMatch(new RegExp(`^M${BOX.width} `));
});
