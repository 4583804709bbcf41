import { useState } from "react";
import { type Choice, type Limits, withFiles } from "./limits";
import { shrunk } from "./shrink";

/** `refused` is said until the next choice. */
export interface Chosen extends Choice {
  add: (files: Iterable<File>) => Promise<void>;
  remove: (file: File) => void;
  clear: () => void;
}

const NONE: Choice = { files: [], refused: [] };

/** The files a person chose and has not sent yet; pictures are made smaller as they come. */
export function useFiles(limits: Limits | undefined): Chosen {
  const [choice, setChoice] = useState(NONE);
  const add = async (more: Iterable<File>) => {
    setChoice(({ files }) => ({ files, refused: [] }));
    const come = await Promise.all([...more].map(shrunk));
    setChoice((now) => withFiles(now, come, limits));
  };
  return {
    ...choice,
    add,
    remove: (file) => setChoice(({ files }) => ({ files: files.filter((other) => other !== file), refused: [] })),
    clear: () => setChoice(NONE),
  };
}
