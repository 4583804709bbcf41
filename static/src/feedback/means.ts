import { Problem } from "../api/problem";
import type { EditForeseenIn } from "../api/types";
import { LEFT } from "./left";
import { foresee } from "./queries";

export interface Asked {
  taskId: number;
  changes: EditForeseenIn;
  answer: (save: boolean) => void;
}

let asked: Asked | null = null;
const listeners = new Set<() => void>();

function set(next: Asked | null): void {
  asked = next;
  listeners.forEach((listener) => listener());
}

export const whatIsAsked = (): Asked | null => asked;

export function onAsked(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Resolves where the edit touches nothing under way, or the person says yes to what it means; else rejects. */
export async function meant(taskId: number, changes: EditForeseenIn): Promise<void> {
  const foreseen = await foresee(taskId, changes).catch(() => null); // the edit itself says what is wrong
  if (listeners.size === 0 || !foreseen?.needs_word) return;
  const save = await new Promise<boolean>((answer) => set({ taskId, changes, answer }));
  set(null);
  if (!save) throw new Problem(0, LEFT, "You left it as it was.", "");
}
