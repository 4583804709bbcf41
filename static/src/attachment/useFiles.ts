import { useState } from "react";
import { isSame, type Limits, refusal } from "./limits";
import { shrunk } from "./shrink";

export interface Chosen {
  files: File[];
  /** Why some that were chosen do not come along; said until the next choice. */
  refused: string[];
  add: (files: Iterable<File>) => Promise<void>;
  remove: (file: File) => void;
  clear: () => void;
}

/** The files a person chose and has not sent yet; pictures are made smaller as they come. */
export function useFiles(limits: Limits | undefined): Chosen {
  const [files, setFiles] = useState<File[]>([]);
  const [refused, setRefused] = useState<string[]>([]);
  const add = async (more: Iterable<File>) => {
    const come = await Promise.all([...more].map(shrunk));
    const taken: File[] = [];
    const sentences: string[] = [];
    for (const file of come) {
      const why = limits ? refusal(file, [...files, ...taken], limits) : null;
      if (why !== null) sentences.push(why);
      else if (![...files, ...taken].some((other) => isSame(file, other))) taken.push(file);
    }
    setFiles((now) => [...now, ...taken]);
    setRefused(sentences);
  };
  return {
    files,
    refused,
    add,
    remove: (file) => {
      setFiles((now) => now.filter((other) => other !== file));
      setRefused([]);
    },
    clear: () => {
      setFiles([]);
      setRefused([]);
    },
  };
}
