import type { ThreadPlace } from "./queries";

const kept = ({ project, task }: ThreadPlace): string => `wfhub.chat.${project}.${task ?? "project"}`;

/** Words that were written in a thread and not sent survive a reload and a session that ended. */
export const draftIn = (place: ThreadPlace): string => sessionStorage.getItem(kept(place)) ?? "";

export function keepDraftIn(place: ThreadPlace, words: string): void {
  if (words) sessionStorage.setItem(kept(place), words);
  else sessionStorage.removeItem(kept(place));
}
