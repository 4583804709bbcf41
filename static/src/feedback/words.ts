import type { ReviewIn } from "../api/types";

interface Counts {
  drafts: number;
  outdated: number;
  open: number;
  fixed: number;
}

const many = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** What was said on lines so far: "2 comments are not sent yet (1 of an older change) · 1 of 3 was mended". */
export function barWords({ drafts, outdated, open, fixed }: Counts): string {
  const parts: string[] = [];
  if (drafts > 0)
    parts.push(
      `${many(drafts, "comment")} ${drafts === 1 ? "is" : "are"} not sent yet` +
        (outdated > 0 ? ` (${outdated} of an older change)` : ""),
    );
  if (open + fixed > 0) parts.push(`${fixed} of ${many(open + fixed, "earlier comment")} mended`);
  return parts.join(" · ") || "Comment on lines of the change, or say it in a note.";
}

/** What sending it does. `stops`: nobody was asked yet, something may run. */
export function sendWords(verdict: ReviewIn["verdict"], { drafts, open }: Counts, stops: boolean): string {
  const noted = many(drafts, "comment");
  if (verdict === "request_changes")
    return (
      (drafts > 0 ? `DEV gets ${noted} to mend, and these words.` : "DEV gets these words.") +
      (stops ? " What runs now is stopped." : "") +
      " Its rounds count anew."
    );
  if (verdict === "reject") return "The task is cancelled. Its branch and its history stay.";
  const kept = drafts > 0 ? `${noted} stay as remarks: nobody has to mend them. ` : "";
  return `${kept}${open > 0 ? `${many(open, "earlier comment")} not mended will be let be. ` : ""}The change goes on to the merge.`;
}
