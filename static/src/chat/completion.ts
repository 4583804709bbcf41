import type { ChatCommand, TaskRow } from "../api/types";

/** What what is typed may become: the whole text then, and where the caret stands. */
export interface Offer {
  id: string;
  code: string;
  does: string;
  text: string;
  caret: number;
}

const MOST_TASKS = 8;

/** The commands that what is typed may become; none where no command's name is being typed. */
export function completions(text: string, commands: readonly ChatCommand[]): ChatCommand[] {
  const typed = /^\/([a-z]*)$/i.exec(text)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  return commands.filter(({ name }) => name.startsWith(typed));
}

/** The text when this one is chosen: with a space behind it, where words follow. */
export const completed = ({ name, usage }: ChatCommand): string => (usage === `/${name}` ? `/${name}` : `/${name} `);

/** The beginning of a task's key that stands before the caret: "WEB-", "web-1"; after a command that wants one, "WE" too. */
export function keyTyped(text: string, caret: number, commands: readonly ChatCommand[]): string | null {
  if (/^[\w-]/.test(text.slice(caret))) return null; // within a word
  const before = text.slice(0, caret);
  const key = /(?:^|[\s(])([a-z][a-z0-9]*-\d*)$/i.exec(before)?.[1];
  if (key !== undefined) return key;
  const [, name, first] = /^\/([a-z]+) +([a-z][a-z0-9]*)$/i.exec(before) ?? [];
  const wants = commands.some((one) => one.name === name?.toLowerCase() && /\bKEY\b/.test(one.usage));
  return wants ? (first ?? null) : null;
}

/** What is offered: commands while a command is typed, tasks while a key is. */
export function offers(
  text: string,
  caret: number,
  commands: readonly ChatCommand[],
  tasks: readonly TaskRow[],
): Offer[] {
  const typed = keyTyped(text, caret, commands);
  if (typed === null)
    return completions(text, commands).map((one) => {
      const whole = completed(one);
      return { id: one.name, code: one.usage, does: one.does, text: whole, caret: whole.length };
    });
  const begun = tasks.filter(({ key }) => key.toLowerCase().startsWith(typed.toLowerCase()));
  const rest = text.slice(caret);
  return begun.slice(0, MOST_TASKS).map(({ key, title }) => {
    const head = `${text.slice(0, caret - typed.length)}${key}`;
    const gap = rest.startsWith(" ") ? "" : " ";
    return { id: key, code: key, does: title, text: `${head}${gap}${rest}`, caret: head.length + 1 };
  });
}

/** Whether all of it is typed already, so that Enter sends. */
export const isWhole = ({ id, code }: Offer, text: string, caret: number): boolean =>
  text.trim() === `/${id}` || text.slice(0, caret).toLowerCase().endsWith(code.toLowerCase());
