import { useSyncExternalStore } from "react";

const words = new Map<string, string>();
const listeners = new Set<() => void>();
const KEPT = 200;

/** What a run does right now, in words; said by the hub while someone listens, and never stored. */
export function hearActivity(runId: string, sentence: string): void {
  words.delete(runId);
  words.set(runId, sentence);
  const oldest = words.keys().next();
  if (words.size > KEPT && !oldest.done) words.delete(oldest.value);
  for (const told of listeners) told();
}

function listen(told: () => void): () => void {
  listeners.add(told);
  return () => listeners.delete(told);
}

export function useActivity(runId: string | null | undefined): string | undefined {
  return useSyncExternalStore(listen, () => (runId ? words.get(runId) : undefined));
}
