import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(told: () => void): () => void {
  listeners.add(told);
  timer ??= begin();
  return () => {
    listeners.delete(told);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function begin(): ReturnType<typeof setInterval> {
  now = Date.now(); // it stood while nobody listened
  return setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
}

/** The time in steps: what shows minutes is not drawn anew each second. */
export function useNow(stepSeconds: number): number {
  const step = stepSeconds * 1000;
  return useSyncExternalStore(listen, () => Math.floor(now / step) * step + step);
}
