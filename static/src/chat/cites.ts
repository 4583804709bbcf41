import type { ChatMessage, Cite } from "../api/types";
import { type Place, placeAfter, readPlace, writePlace } from "../place/place";

/** Where a cited fact is seen. What is another view's leaves the task; a task is opened beside the chat. */
export function placeOf(cite: Cite): Partial<Place> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(cite.place)) {
    if (typeof value === "string" || typeof value === "number") query.set(name, String(value));
  }
  const to = readPlace(`?${query.toString()}`);
  if (to.task === null) return { view: to.view, plan: to.plan, item: to.item, task: null };
  return { task: to.task, tab: to.tab, run: to.run, file: to.file, line: to.line, proof: to.proof };
}

export const addressOf = (here: Place, cite: Cite): string => writePlace(placeAfter(here, placeOf(cite))) || "?";

/** The answer as Markdown: each `[F2]` becomes a link, named by its place in the list of what the answer rests on; of a
 * command's list, by what it leads to. */
export function linked({ text, cites, told_by }: ChatMessage, here: Place): string {
  const places = new Map(cites.map((cite, index) => [cite.ref, { cite, number: index + 1 }]));
  return text.replace(/\[(F\d+)\](?!\()/g, (marker, ref: string) => {
    const found = places.get(ref);
    if (found === undefined) return marker;
    const name = told_by === "command" ? found.cite.label.replace(/[[\]\\]/g, "") : String(found.number);
    return `[${name}](${addressOf(here, found.cite)})`;
  });
}
