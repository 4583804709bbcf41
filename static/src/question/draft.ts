const kept = (id: number): string => `wfhub.answer.${id}`;

/** An answer that was begun and not sent survives a reload. */
export const answerBegun = (id: number): string => sessionStorage.getItem(kept(id)) ?? "";

export function keepAnswer(id: number, words: string): void {
  if (words) sessionStorage.setItem(kept(id), words);
  else sessionStorage.removeItem(kept(id));
}
