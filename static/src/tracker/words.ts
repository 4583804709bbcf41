import type { Tone } from "../tag/Tag";
import type { Import, OutsideItem, TrackerTie } from "../api/types";
import type { Step } from "./draft";
import type { Shown } from "./tree";

export const STEP_WORDS: Record<Step, string> = {
  provider: "Tracker",
  "sign-in": "Sign in",
  theirs: "Their project",
  ours: "Your project",
  tasks: "Tasks",
};

export const SHOWN_WORDS: Record<Shown, string> = {
  all: "All tasks",
  new: "Not here yet",
  changed: "Changed since",
  here: "Here already",
  open: "Open there",
};

interface Said {
  words: string;
  tone: Tone;
}

/** How one of their tasks stands here, before an import. */
export const STANDS: Record<OutsideItem["verdict"], Said> = {
  new: { words: "not here yet", tone: "plain" },
  update: { words: "changed there", tone: "accent" },
  same: { words: "as there", tone: "ok" },
  differs: { words: "differs", tone: "wait" },
  deleted: { words: "you deleted it", tone: "plain" },
};

/** What an import would do with it. */
export const WOULD: Record<OutsideItem["verdict"], Said> = {
  new: { words: "is made", tone: "accent" },
  update: { words: "is updated", tone: "accent" },
  same: { words: "stays as it is", tone: "plain" },
  differs: { words: "yours stays", tone: "wait" },
  deleted: { words: "stays away", tone: "plain" },
};

/** What it did. */
export const DID: Record<OutsideItem["verdict"], Said> = {
  new: { words: "made", tone: "ok" },
  update: { words: "updated", tone: "ok" },
  same: { words: "as it was", tone: "plain" },
  differs: { words: "yours stayed", tone: "wait" },
  deleted: { words: "stayed away", tone: "plain" },
};

const ORDER = ["new", "update", "same", "differs", "deleted"] as const;

/** "3 made, 1 updated, 2 as it was". */
export function sumWords(items: readonly OutsideItem[], said: Record<OutsideItem["verdict"], Said>): string {
  const counts = ORDER.map((verdict) => [verdict, items.filter((item) => item.verdict === verdict).length] as const);
  return counts
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${said[verdict].words.replace(/^is /, "to be ")}`)
    .join(", ");
}

export const tasksWords = (count: number): string => (count === 1 ? "1 task" : `${count.toLocaleString("en")} tasks`);

/** How an import goes, or went. */
export function importWords({ state, items, total, comments, files }: Import): string {
  const along = [
    comments > 0 && (comments === 1 ? "1 comment" : `${comments} comments`),
    files > 0 && (files === 1 ? "1 file" : `${files} files`),
  ].filter(Boolean);
  if (state === "running" && total === null) return "Their subtasks are looked up.";
  if (state === "running") return `${items.length} of ${tasksWords(total ?? 0)}`;
  const sum = sumWords(items, DID) || "nothing came";
  return `${sum.charAt(0).toUpperCase()}${sum.slice(1)}${along.length > 0 ? `, with ${along.join(" and ")}` : ""}.`;
}

/** Only what a browser opens as a page: the address is the tracker's word. */
export const safeLink = (url: string): string | null => (/^https?:\/\//i.test(url) ? url : null);

/** A sentence in pieces, of which the odd ones are addresses. */
export const linked = (sentence: string): string[] => sentence.split(/(https?:\/\/[^\s]+[^\s.,;)])/);

export const FIELD_WORDS: Record<string, string> = { title: "Title", description: "Description" };

/** "The shop into Till": their project, and ours. */
export const tieWords = ({ name, project_id }: TrackerTie, names: ReadonlyMap<number, string>): string =>
  `${name} into ${names.get(project_id) ?? `project ${project_id}`}`;
