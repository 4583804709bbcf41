export type Kind = "idea" | "bug" | "change";

export const KINDS: { value: Kind; label: string }[] = [
  { value: "idea", label: "Idea" },
  { value: "bug", label: "Bug" },
  { value: "change", label: "Change" },
];

/** What a person writes depends on what it is. */
export const INVITATIONS: Record<Kind, string> = {
  idea: "What should the team do next?",
  bug: "What went wrong, and what had you expected?",
  change: "What should change about how it is built, run or deployed?",
};

const count = (characters: number): string => characters.toLocaleString("en").replaceAll(",", " ");

/** Why these words can't be sent as they are; null where they can. */
export const tooLong = (text: string, most: number): string | null =>
  text.trim().length <= most
    ? null
    : `This has ${count(text.trim().length)} characters; ${count(most)} is the most a request may have.`;

const LINE = 200;

/** Long words become a file, and their beginning stays as what is asked. */
export function asFile(text: string): { text: string; file: File } {
  const first = text.trim().split("\n", 1)[0] ?? "";
  const short = first.length > LINE ? `${first.slice(0, LINE).trimEnd()}…` : first;
  return {
    text: `${short}\n\nAll of it is in the file request.txt.`,
    file: new File([text], "request.txt", { type: "text/plain" }),
  };
}
