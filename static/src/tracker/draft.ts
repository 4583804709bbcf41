export const STEPS = ["provider", "sign-in", "theirs", "ours", "tasks"] as const;
export type Step = (typeof STEPS)[number];

/** What was chosen so far. A token is never a part of it. */
export interface Draft {
  provider: string | null;
  credential: number | null;
  theirs: { id: string; name: string } | null;
  project: number | null;
  /** Their project tied to ours. */
  mapping: number | null;
  /** Tasks by their ids there. */
  chosen: string[];
  subtasks: boolean;
  comments: boolean;
  files: boolean;
  /** The import that was begun, while it is looked at. */
  begun: number | null;
}

export const BLANK: Draft = {
  provider: null,
  credential: null,
  theirs: null,
  project: null,
  mapping: null,
  chosen: [],
  subtasks: true,
  comments: true,
  files: true,
  begun: null,
};

const KEPT = "wfhub.import";

/** What was kept; what can't be read of it counts as not chosen. */
export function readDraft(text: string | null): Draft {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? "{}");
  } catch {
    return BLANK;
  }
  if (kept === null || typeof kept !== "object") return BLANK;
  const { provider, credential, theirs, project, mapping, chosen, subtasks, comments, files, begun } = kept as Record<
    string,
    unknown
  >;
  return {
    provider: typeof provider === "string" ? provider : null,
    credential: numberIn(credential),
    theirs: theirsIn(theirs),
    project: numberIn(project),
    mapping: numberIn(mapping),
    chosen: Array.isArray(chosen) ? chosen.filter((id) => typeof id === "string") : [],
    subtasks: subtasks !== false,
    comments: comments !== false,
    files: files !== false,
    begun: numberIn(begun),
  };
}

const numberIn = (value: unknown): number | null => (typeof value === "number" ? value : null);

function theirsIn(value: unknown): Draft["theirs"] {
  if (value === null || typeof value !== "object") return null;
  const { id, name } = value as Record<string, unknown>;
  return typeof id === "string" && typeof name === "string" ? { id, name } : null;
}

let held: Draft | null = null;
const listeners = new Set<() => void>();
const tell = () => {
  for (const told of listeners) told();
};

/** What was chosen, as this browser keeps it: it survives a reload and a closed tab, and is the same in all tabs. */
export const drafts = {
  get: (): Draft => (held ??= readDraft(localStorage.getItem(KEPT))),
  set: (draft: Draft): void => {
    held = draft;
    if (draft === BLANK) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, JSON.stringify(draft));
    tell();
  },
  listen: (told: () => void): (() => void) => {
    const elsewhere = ({ key }: StorageEvent) => {
      if (key !== KEPT && key !== null) return;
      held = null;
      told();
    };
    listeners.add(told);
    window.addEventListener("storage", elsewhere);
    return () => {
      listeners.delete(told);
      window.removeEventListener("storage", elsewhere);
    };
  },
};

/** The draft with this chosen. What hung on another choice goes. */
export function after(draft: Draft, change: Partial<Draft>): Draft {
  const other = (name: "provider" | "credential" | "project") => name in change && change[name] !== draft[name];
  let kept = draft;
  if (other("provider")) kept = { ...kept, credential: null, theirs: null, mapping: null, chosen: [], begun: null };
  if (other("credential")) kept = { ...kept, theirs: null, mapping: null, chosen: [], begun: null };
  if (change.theirs !== undefined && change.theirs?.id !== draft.theirs?.id)
    kept = { ...kept, mapping: null, chosen: [], begun: null };
  if (other("project")) kept = { ...kept, mapping: null, begun: null };
  return { ...kept, ...change };
}

/** The furthest step that can be stood at. */
export function reached({ provider, credential, theirs, mapping }: Draft): Step {
  if (provider === null) return "provider";
  if (credential === null) return "sign-in";
  if (theirs === null) return "theirs";
  return mapping === null ? "ours" : "tasks";
}

/** The step that the address names, as far as what was chosen leads. */
export function stepAt(named: string | undefined, draft: Draft): Step {
  const furthest = reached(draft);
  const wanted = STEPS.find((step) => step === named) ?? furthest;
  return STEPS.indexOf(wanted) <= STEPS.indexOf(furthest) ? wanted : furthest;
}
