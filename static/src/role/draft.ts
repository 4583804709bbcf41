import type { Role, RolePatch } from "../api/types";
import { keep, kept } from "../draft/kept";
import { same, withMine } from "../draft/merge";

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

/** What a person can say of a role. */
interface Fields {
  title: string;
  prompt: string;
  principles: string;
  models: Choice[];
  settings: Role["settings"];
}

/** A role while a person edits it: `base` is the version it was begun from, `from` what that one said. */
export interface Draft extends Fields {
  base: number;
  from: Fields;
}

const fieldsIn = ({ title, prompt, principles, models, settings }: Fields): Fields => ({
  title,
  prompt,
  principles,
  models,
  settings,
});

const fieldsOf = (role: Role): Fields => fieldsIn({ ...role, models: choicesOf(role.models ?? role.model) });

export function draftOf(role: Role): Draft {
  const from = fieldsOf(role);
  return { ...from, base: role.version, from };
}

/** The person goes on with theirs over a newer version: only what they changed wins. */
export function rebased(role: Role, draft: Draft): Draft {
  const now = fieldsOf(role);
  return { ...withMine(draft.from, fieldsIn(draft), now), base: role.version, from: now };
}

/** What is left when `sent` is saved as `role`: what was written while it was on its way. */
export function leftOf(draft: Draft | null, sent: Draft, role: Role): Draft | null {
  return draft === null || same(draft, sent) ? null : rebased(role, { ...draft, from: sent });
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

const edit = (name: string): string => `role.${name}.edit`;

export const draftKept = (name: string): Draft | null => kept(edit(name)) as Draft | null;

export const keepDraft = (name: string, draft: Draft | null): void => keep(edit(name), draft);
