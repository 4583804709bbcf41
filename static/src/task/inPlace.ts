/** What a text was when its editing began, what it is on the hub now, and what the person made of it. */
export interface Sides {
  begun: string;
  theirs: string;
  mine: string;
}

/** After the hub refused an older version: save once more (this text is as it was, something else changed), nothing to
 * do (both say the same), or ask the person. */
export function afterConflict({ begun, theirs, mine }: Sides): "again" | "same" | "ask" {
  if (theirs === mine) return "same";
  return theirs === begun ? "again" : "ask";
}

const kept = (name: string): string => `wfhub.edit.${name}`;

/** Words that were begun and not saved survive a reload; null where none were. */
export const begunWords = (name: string): string | null => sessionStorage.getItem(kept(name));

export function keepWords(name: string, words: string | null): void {
  if (words === null) sessionStorage.removeItem(kept(name));
  else sessionStorage.setItem(kept(name), words);
}
