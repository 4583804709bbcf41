import { useSyncExternalStore } from "react";

let words = "";
const listeners = new Set<() => void>();

/** Says it to who listens to the page instead of looking at it. */
export function announce(sentence: string): void {
  words = sentence;
  for (const told of listeners) told();
}

function listen(told: () => void): () => void {
  listeners.add(told);
  return () => listeners.delete(told);
}

export const useSaid = (): string => useSyncExternalStore(listen, () => words);
