import type { Criterion } from "../api/types";
import type { Tone } from "../tag/Tag";

export interface Shown {
  words: string;
  tone: Tone;
}

/** How it is known that a criterion holds or does not: only what a command or a report showed counts as proven. */
export function shownBy({ met, proof_id, evidence }: Pick<Criterion, "met" | "proof_id" | "evidence">): Shown {
  if (met === null) return { words: "not looked at yet", tone: "plain" };
  const by = proof_id !== null ? "proven" : evidence.startsWith("said by person") ? "you say so" : "judged, not proven";
  if (!met) return { words: `does not hold: ${by}`, tone: "bad" };
  return { words: by, tone: proof_id !== null ? "ok" : "plain" };
}
