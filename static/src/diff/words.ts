import type { ReviewComment } from "../api/types";
import type { Tone } from "../tag/Tag";
import type { FileChange } from "./fileFacts";

export const countWords = ({ binary, added, removed }: FileChange): string => (binary ? "" : `+${added} −${removed}`);

/** What came of a word to a line. */
export function noteState({ state, finding }: Pick<ReviewComment, "state" | "finding">): [string, Tone] {
  if (state === "draft") return ["not sent yet", "wait"];
  if (finding?.state === "fixed") return ["mended", "ok"];
  if (finding?.state === "waived") return ["may stay", "plain"];
  return finding ? ["DEV is to mend it", "accent"] : ["sent", "plain"];
}
