import { useState } from "react";

const kept = (task: number): string => `wfhub.viewed.${task}`;

type Marks = Record<string, string>;

function read(task: number): Marks {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(kept(task)) ?? "{}");
    return value !== null && typeof value === "object" ? (value as Marks) : {};
  } catch {
    return {}; // another wrote there: no file counts as viewed
  }
}

/** Which files a person has looked at; a mark holds while the file's change is the same. */
export function useViewed(task: number) {
  const [marks, setMarks] = useState(() => read(task));
  return {
    isViewed: (path: string, print: string) => marks[path] === print,
    mark: (path: string, print: string, viewed: boolean) => {
      const now = Object.fromEntries(
        Object.entries({ ...marks, [path]: print }).filter(([one]) => viewed || one !== path),
      );
      setMarks(now);
      localStorage.setItem(kept(task), JSON.stringify(now));
    },
  };
}
