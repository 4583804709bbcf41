/** What opens the palette itself. */
export const PALETTE_KEYS = "ctrl+k";

/** Keys as they are written on the keyboard: "Ctrl K", "G then I". */
export function keysWords(keys: string): string {
  const one = (press: string) =>
    press
      .split("+")
      .map((part) => (part.length === 1 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1)))
      .join(" ");
  return keys.split(" ").map(one).join(" then ");
}

/** Whether each word that was typed begins a word of the text. */
export function matches(text: string, query: string): boolean {
  const words = text.toLowerCase().split(/\s+/);
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((typed) => words.some((word) => word.startsWith(typed)));
}
