import type { Criterion } from "../api/types";
import type { Tone } from "../tag/Tag";

export interface Shown {
  words: string;
  tone: Tone;
}

const HOW: Record<NonNullable<Criterion["how"]>, Shown> = {
  proven: { words: "proven", tone: "ok" },
  judged: { words: "judged, not proven", tone: "plain" },
  by_person: { words: "you say so", tone: "accent" },
};

/** How it is known that a criterion holds or does not: only what a command or a report showed counts as proven. */
export function shownBy({ met, how }: Pick<Criterion, "met" | "how">): Shown {
  if (met === null) return { words: "not looked at yet", tone: "plain" };
  const known = how === null ? { words: "judged, not proven", tone: "plain" as const } : HOW[how];
  return met ? known : { words: `does not hold: ${known.words}`, tone: "bad" };
}
