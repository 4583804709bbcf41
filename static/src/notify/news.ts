import type { InboxItem } from "../api/types";
import { reasonWords } from "../inbox/words";

export interface Ringing {
  tag: string;
  title: string;
  text: string;
  /** Where a click leads; null: to the whole inbox. */
  item: string | null;
}

const APART = 3;
const TITLE = 100; // characters; a plan's title is a paragraph

/** What is told of the items that were not known before: one each, or one for all where there are many at once. */
export function news(known: ReadonlySet<string>, items: readonly InboxItem[]): Ringing[] {
  const fresh = items.filter(({ key }) => !known.has(key));
  if (fresh.length > APART) {
    const titles = fresh.slice(0, APART).map(({ title }) => title);
    return [{ tag: "many", title: `${fresh.length} things wait for you`, text: titles.join("\n"), item: null }];
  }
  return fresh.map((item) => ({
    tag: item.key,
    title: item.title.length > TITLE ? `${item.title.slice(0, TITLE - 1)}…` : item.title,
    text: `${reasonWords(item)}: ${item.question?.text ?? item.sentence}`.slice(0, 200),
    item: item.key,
  }));
}
