import type { TaskIn } from "../api/types";

type Kind = NonNullable<TaskIn["kind"]>;

const LONGEST_TEXT = 200;

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

/** The filter as the hub takes it: what is not narrowed is not said. */
export interface Asked {
  text?: string;
  kind?: Kind;
  role?: string;
  priority?: number;
  only?: "waiting" | "paused";
  /** One plan's tasks; 0: those of none. */
  plan_id?: number;
}

export const KINDS: readonly Kind[] = ["feature", "bug", "docs", "test", "refactor", "research", "infra"];

export function askedFor({ text, kind, role, priority, state }: Filter): Asked {
  const words = text.trim().slice(0, LONGEST_TEXT);
  const known = KINDS.find((each) => each === kind);
  return {
    ...(words && { text: words }),
    ...(known !== undefined && { kind: known }),
    ...(role !== null && { role }),
    ...(priority !== null && { priority }),
    ...(state !== null && { only: state }),
  };
}
