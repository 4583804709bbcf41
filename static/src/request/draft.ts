const KEPT = "wfhub.request";
const listeners = new Set<() => void>();

/** Words that were written and not sent survive a reload and a session that ended. */
export const draftOf = (): string => sessionStorage.getItem(KEPT) ?? "";

export function keepDraft(words: string): void {
  if (words) sessionStorage.setItem(KEPT, words);
  else sessionStorage.removeItem(KEPT);
  for (const told of listeners) told();
}

export function onDraft(told: () => void): () => void {
  listeners.add(told);
  return () => listeners.delete(told);
}
