import type { Handoff } from "../api/types";

export interface Conflict {
  path: string;
  binary: boolean;
  /** Where it conflicts; a null text is a file that this side deleted, a null line the whole file. */
  places: { line: number | null; target: string | null; branch: string | null }[];
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Out of the newest handoff that has any, while nobody has dealt with it; its data may come from anybody. */
export function conflictsOf(handoffs: readonly Pick<Handoff, "id" | "state" | "data">[]): Conflict[] {
  const newest = handoffs.toSorted((one, other) => other.id - one.id).find(({ data }) => Array.isArray(data.conflicts));
  if (newest === undefined || newest.state === "completed") return [];
  return (newest.data.conflicts as unknown[]).flatMap((one): Conflict[] => {
    if (one === null || typeof one !== "object" || !("path" in one) || typeof one.path !== "string") return [];
    const { path, binary, hunks, ...whole } = one as Record<string, unknown> & { path: string };
    const places = Array.isArray(hunks)
      ? hunks.map((hunk: Record<string, unknown>) => ({
          line: typeof hunk.line === "number" ? hunk.line : null,
          target: text(hunk.target),
          branch: text(hunk.branch),
        }))
      : binary === true
        ? []
        : [{ line: null, target: text(whole.target), branch: text(whole.branch) }];
    return [{ path, binary: binary === true, places }];
  });
}
