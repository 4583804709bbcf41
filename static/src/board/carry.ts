import { useSyncExternalStore } from "react";
import type { Card } from "../api/types";

/** The card that a person holds, by whatever means, and where it would go now. */
export interface Carried {
  card: Card;
  by: "pointer" | "keys";
  stage: string | null;
  /** Places up (below zero) or down its own column. */
  places: number;
}

let carried: Carried | null = null;
const listeners = new Set<() => void>();

export const carriedNow = (): Carried | null => carried;

export function carry(next: Carried | null): void {
  carried = next;
  for (const told of listeners) told();
}

function listen(told: () => void): () => void {
  listeners.add(told);
  return () => listeners.delete(told);
}

/** A fact about what is carried; who asks is drawn anew only when it changes. */
export function useCarried<T extends string | number | boolean | null>(fact: (now: Carried | null) => T): T {
  return useSyncExternalStore(listen, () => fact(carried));
}
