import type { Question } from "../api/types";

/** How a question ended: the answer, or why nobody has to answer it any more. */
export function outcomeWords({ state, answer, note }: Pick<Question, "state" | "answer" | "note">): string {
  if (state === "answered") return `You answered: ${answer ?? ""}`;
  return note ? `No answer is needed any more: ${note}` : "No answer is needed any more.";
}

/** Open ones first, each kind as it was asked. */
export const openFirst = (questions: Question[]): Question[] => [
  ...questions.filter(({ state }) => state === "asked"),
  ...questions.filter(({ state }) => state !== "asked"),
];
