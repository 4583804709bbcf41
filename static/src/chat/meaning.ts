/** What words in the box are: a command, a question about the record, or a request for work. */
export type Meaning = "command" | "question" | "request";

const ASKS =
  /^(why|what|who|whom|whose|which|when|where|how|is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|show me|tell me|explain|warum|wieso|was|wer|wann|wo|wie|welche\w*)\b/i;

/** In a task's thread one talks about the task; in a project's, what does not ask is work. Files are for work. */
export function meaningOf(text: string, inTask: boolean, files: number): Meaning {
  const words = text.trim();
  if (/^\/[^\s/]*(\s|$)/.test(words)) return "command";
  if (files > 0) return "request";
  if (inTask) return "question";
  const first = words.split("\n", 1)[0] ?? "";
  return first.endsWith("?") || (ASKS.test(words) && words.length < 200 && !/[.!]$/.test(words))
    ? "question"
    : "request";
}

/** Why nothing is sent: files go with a request alone, and none is dropped unsaid. */
export function filesStay(meaning: Meaning, files: number): string | null {
  if (files === 0 || meaning === "request") return null;
  const what =
    meaning === "command" ? "A command takes no files" : "A question is answered from the record, without files";
  return `${what}: send your words as a request, or take the files away.`;
}
