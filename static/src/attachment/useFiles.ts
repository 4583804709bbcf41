import { useState, useSyncExternalStore } from "react";
import { type Choosing, choosing } from "./choosing";
import type { Limits } from "./limits";
import { shrunk } from "./shrink";

/** `refused` is said until the next choice. */
export interface Chosen extends Choosing {
  add: (files: Iterable<File>) => Promise<void>;
  all: () => Promise<File[]>;
  leaveOut: (files: readonly File[]) => void;
}

/** The files a person chose and has not sent yet; pictures are made smaller as they come. */
export function useFiles(limits: Limits | undefined): Chosen {
  const [{ get, on, add, all, leaveOut }] = useState(() => choosing(shrunk));
  return { ...useSyncExternalStore(on, get), add: (files) => add([...files], limits), all, leaveOut };
}
