export interface Node {
  id: number;
  key: string;
  title: string;
  state: string;
  waiting_reason: string | null;
}

/** `from` must be done before `to` begins. */
export interface Edge {
  from: number;
  to: number;
}

export interface Layout {
  nodes: (Node & { x: number; y: number })[];
  edges: { key: string; path: string }[];
  width: number;
  height: number;
}

export const BOX = { width: 148, height: 44, gapX: 34, gapY: 10 } as const;

/** How many steps of waiting lie before each node: its column. Edges make no cycle; what the hub refuses is not asked. */
export function columns(ids: number[], edges: Edge[]): Map<number, number> {
  const column = new Map(ids.map((id) => [id, 0]));
  for (let round = 0; round < ids.length; round++) {
    let moved = false;
    for (const { from, to } of edges) {
      const after = (column.get(from) ?? 0) + 1;
      if (column.has(from) && (column.get(to) ?? after) < after) {
        column.set(to, after);
        moved = true;
      }
    }
    if (!moved) break;
  }
  return column;
}

/** Boxes in columns from left (first) to right, each as near as may be to the middle of those it waits for. */
export function layout(nodes: Node[], edges: Edge[]): Layout {
  const column = columns(
    nodes.map(({ id }) => id),
    edges,
  );
  const rows = new Map<number, number>();
  for (let at = 0; at <= Math.max(0, ...column.values()); at++) {
    const inColumn = nodes.filter(({ id }) => column.get(id) === at);
    const middle = ({ id }: Node) => {
      const before = edges.filter(({ to }) => to === id).map(({ from }) => rows.get(from) ?? 0);
      return before.length === 0 ? 0 : before.reduce((sum, row) => sum + row, 0) / before.length;
    };
    inColumn
      .toSorted((one, other) => middle(one) - middle(other) || one.id - other.id)
      .forEach(({ id }, row) => rows.set(id, row));
  }
  const at = (id: number) => ({
    x: (column.get(id) ?? 0) * (BOX.width + BOX.gapX),
    y: (rows.get(id) ?? 0) * (BOX.height + BOX.gapY),
  });
  const placed = nodes.map((node) => ({ ...node, ...at(node.id) }));
  return {
    nodes: placed,
    edges: edges.map(({ from, to }) => ({ key: `${from}-${to}`, path: line(at(from), at(to)) })),
    width: Math.max(...placed.map(({ x }) => x + BOX.width), 0),
    height: Math.max(...placed.map(({ y }) => y + BOX.height), 0),
  };
}

interface Point {
  x: number;
  y: number;
}

function line(from: Point, to: Point): string {
  const [x1, y1, x2, y2] = [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}
