import type { OutsideItem } from "../api/types";

/** A task of theirs with how deep it lies, and what it lies under. */
export interface Row {
  item: OutsideItem;
  depth: number;
  above: readonly string[];
}

/** Each under its parent, in the order they came in; one whose parent is not among them stands by itself. */
export function treeOf(items: readonly OutsideItem[]): Row[] {
  const ids = new Set(items.map(({ external_id }) => external_id));
  const below = new Map<string | null, OutsideItem[]>();
  for (const item of items) {
    const parent = item.parent !== null && ids.has(item.parent) ? item.parent : null;
    below.set(parent, [...(below.get(parent) ?? []), item]);
  }
  const rows: Row[] = [];
  const placed = new Set<string>();
  const put = (item: OutsideItem, above: readonly string[]) => {
    if (placed.has(item.external_id)) return;
    placed.add(item.external_id);
    rows.push({ item, depth: above.length, above });
    for (const part of below.get(item.external_id) ?? []) put(part, [...above, item.external_id]);
  };
  for (const item of below.get(null) ?? []) put(item, []);
  for (const item of items) put(item, []); // two that are each other's parent
  return rows;
}

/** Their list, with the subtasks of those that are unfolded. */
export function rowsOf(tops: readonly OutsideItem[], unfolded: ReadonlyMap<string, readonly OutsideItem[]>): Row[] {
  return tops.flatMap((top) => {
    const found = unfolded.get(top.external_id);
    return found === undefined ? [{ item: top, depth: 0, above: [] }] : treeOf(found);
  });
}

export const SHOWN = ["all", "new", "changed", "here", "open"] as const;
export type Shown = (typeof SHOWN)[number];

/** Those with these words, and of this kind. */
export function found(rows: readonly Row[], words: string, shown: Shown): Row[] {
  const typed = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ item }) => {
    const text = `${item.title} ${item.key ?? ""}`.toLowerCase();
    return typed.every((word) => text.includes(word)) && isShown(item, shown);
  });
}

function isShown({ verdict, done }: OutsideItem, shown: Shown): boolean {
  if (shown === "new") return verdict === "new";
  if (shown === "changed") return verdict === "update" || verdict === "differs";
  if (shown === "here") return verdict !== "new";
  return shown === "all" || !done;
}

/** Whether the row comes with what was chosen: by itself, or as a subtask of another. */
export function comes({ item, above }: Row, chosen: ReadonlySet<string>, subtasks: boolean): "chosen" | "along" | null {
  if (subtasks && above.some((id) => chosen.has(id))) return "along";
  return chosen.has(item.external_id) ? "chosen" : null;
}
