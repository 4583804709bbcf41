import type { Role, RolePatch } from "../api/types";

/** A model in a role's order; without conditions it is for all work. */
export interface Choice {
  model: string;
  complexity: Complexity[];
  size: Size[];
}

export const COMPLEXITIES = ["simple", "medium", "complex"] as const;
export const SIZES = ["S", "M", "L"] as const;
type Complexity = (typeof COMPLEXITIES)[number];
type Size = (typeof SIZES)[number];

/** A role while a person edits it. `base` is the version it was begun from. */
export interface Draft {
  base: number;
  title: string;
  prompt: string;
  principles: string;
  models: Choice[];
  settings: Role["settings"];
}

export function draftOf(role: Role): Draft {
  const { version: base, title, prompt, principles, settings } = role;
  const models = choicesOf(role.models ?? role.model);
  return { base, title, prompt, principles, models, settings };
}

type Plain = string | { model: string; complexity?: Complexity[]; size?: Size[] };

/** An order of models as the hub keeps it: one name, or a list of names and of models meant for some work. */
export function choicesOf(kept: unknown): Choice[] {
  const all = kept == null ? [] : ((Array.isArray(kept) ? kept : [kept]) as Plain[]);
  return all.map((one) =>
    typeof one === "string"
      ? { model: one, complexity: [], size: [] }
      : { model: one.model, complexity: one.complexity ?? [], size: one.size ?? [] },
  );
}

export const plainOf = (choices: Choice[]) => choices.map(written);

/** What is sent: the fields that differ from the role as it stands. Null where nothing does. */
export function patchOf(role: Role, draft: Draft): RolePatch | null {
  const before = draftOf(role);
  const patch: Partial<RolePatch> = {};
  if (draft.title !== before.title) patch.title = draft.title.trim();
  if (draft.prompt !== before.prompt) patch.prompt = draft.prompt;
  if (draft.principles !== before.principles) patch.principles = draft.principles;
  if (!same(draft.settings, before.settings)) patch.settings = draft.settings;
  const models = draft.models.filter(({ model }) => model.trim() !== "");
  if (!same(models, before.models)) patch.models = models.length === 0 ? null : models.map(written);
  if (Object.keys(patch).length === 0) return null;
  return { ...patch, version: role.version } as RolePatch; // only what is named changes
}

/** The item `by` places from where it stood; as it was where there is no such place. */
export function movedTo<T>(items: T[], from: number, to: number): T[] {
  const item = items[from];
  if (item === undefined || to < 0 || to >= items.length) return items;
  return items.toSpliced(from, 1).toSpliced(to, 0, item);
}

const written = ({ model, complexity, size }: Choice) =>
  complexity.length + size.length === 0 ? model.trim() : { model: model.trim(), complexity, size };

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const kept = (name: string): string => `wfhub.role.${name}`;

/** An edit that was begun and not saved survives a reload and a look elsewhere. */
export function draftKept(name: string): Draft | null {
  const text = sessionStorage.getItem(kept(name));
  return text === null ? null : (JSON.parse(text) as Draft);
}

export function keepDraft(name: string, draft: Draft | null): void {
  if (draft === null) sessionStorage.removeItem(kept(name));
  else sessionStorage.setItem(kept(name), JSON.stringify(draft));
}
