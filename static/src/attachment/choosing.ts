import { Problem } from "../api/problem";
import { type Choice, type Limits, withFiles } from "./limits";

/** What a person chose and has not sent yet. */
export interface Choosing extends Choice {
  /** How many more are still made ready. */
  coming: number;
}

const NONE: Choosing = { files: [], refused: [], coming: 0 };

/** The files of one form; each is made `ready` before it is among them. */
export function choosing(ready: (file: File) => Promise<File>) {
  let now = NONE;
  const underWay = new Set<Promise<void>>();
  const listeners = new Set<() => void>();
  const set = (some: Partial<Choosing>) => {
    now = { ...now, ...some };
    for (const told of listeners) told();
  };
  const take = async (files: File[], limits: Limits | undefined) => {
    set({ refused: [], coming: now.coming + files.length });
    try {
      const come = await Promise.all(files.map(ready));
      set(withFiles(now, come, limits));
    } finally {
      set({ coming: now.coming - files.length });
    }
  };
  return {
    get: () => now,
    on: (told: () => void) => {
      listeners.add(told);
      return () => listeners.delete(told);
    },
    add: async (files: File[], limits: Limits | undefined) => {
      const taken = take(files, limits);
      underWay.add(taken);
      await taken.finally(() => underWay.delete(taken));
    },
    /** Those that go along, once the last is ready; a refusal that nobody could have read yet is thrown. */
    all: async (): Promise<File[]> => {
      const read = now.refused;
      await Promise.all(underWay);
      const unread = now.refused.filter((why) => !read.includes(why));
      if (unread.length > 0)
        throw new Problem(
          0,
          "file_refused",
          "Nothing was sent: not every file can come along.",
          "See why, and send again.",
        );
      return now.files;
    },
    leaveOut: (files: readonly File[]) =>
      set({ files: now.files.filter((file) => !files.includes(file)), refused: [] }),
  };
}
