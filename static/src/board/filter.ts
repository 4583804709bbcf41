import type { Card } from "../api/types";

/** What a person wants to see of the board; it stands in the address, so that a link shows the same. */
export interface Filter {
  text: string;
  kind: string | null;
  role: string | null;
  /** The least priority that is shown. */
  priority: number | null;
  state: "waiting" | "paused" | null;
  /** One lane a plan. */
  lanes: boolean;
}

export const ALL: Filter = { text: "", kind: null, role: null, priority: null, state: null, lanes: false };

export function readFilter(query: URLSearchParams): Filter {
  const state = query.get("only");
  const priority = Number(query.get("priority") ?? "");
  return {
    text: query.get("text") ?? "",
    kind: query.get("kind"),
    role: query.get("by"),
    priority: Number.isInteger(priority) && priority >= 1 && priority <= 10 ? priority : null,
    state: state === "waiting" || state === "paused" ? state : null,
    lanes: query.get("lanes") === "plan",
  };
}

/** Puts what differs from ALL into the query. */
export function writeFilter(query: URLSearchParams, filter: Filter): void {
  if (filter.text) query.set("text", filter.text);
  if (filter.kind !== null) query.set("kind", filter.kind);
  if (filter.role !== null) query.set("by", filter.role);
  if (filter.priority !== null) query.set("priority", String(filter.priority));
  if (filter.state !== null) query.set("only", filter.state);
  if (filter.lanes) query.set("lanes", "plan");
}

export function isNarrowed({ text, kind, role, priority, state }: Filter): boolean {
  return text.trim() !== "" || kind !== null || role !== null || priority !== null || state !== null;
}

/** Whether a card is among what is wanted: each word in its key or title, and all the rest. */
export function isWanted(card: Card, filter: Filter): boolean {
  if (filter.kind !== null && card.kind !== filter.kind) return false;
  if (filter.role !== null && card.assignee_role !== filter.role) return false;
  if (filter.priority !== null && card.priority < filter.priority) return false;
  if (filter.state !== null && card.state !== filter.state) return false;
  const told = `${card.key} ${card.title}`.toLowerCase();
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => told.includes(word));
}
