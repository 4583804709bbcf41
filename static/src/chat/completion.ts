import type { ChatCommand } from "../api/types";

/** The commands that what is typed may become; none where no command's name is being typed. */
export function completions(text: string, commands: readonly ChatCommand[]): ChatCommand[] {
  const typed = /^\/([a-z]*)$/i.exec(text)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  return commands.filter(({ name }) => name.startsWith(typed));
}

/** The text when this one is chosen: with a space behind it, where words follow. */
export const completed = ({ name, usage }: ChatCommand): string => (usage === `/${name}` ? `/${name}` : `/${name} `);
