interface Changes {
  webhook_url?: string;
  secret?: string;
  command?: string[];
}

/** What a change of the notifications means, in words, before it is saved. */
export function meansOf({ webhook_url: url, secret, command }: Changes): string[] {
  return [
    url === undefined
      ? ""
      : url === ""
        ? "No address is called any more."
        : `${hostOf(url)} is called with the title and the text of each new item.`,
    secret === undefined
      ? ""
      : "Calls are signed with the new secret: whoever checks them needs it too. The old one does not come back.",
    command === undefined
      ? ""
      : command.length === 0
        ? "No command is run any more."
        : `${command[0] ?? ""} is run on the hub's machine, with your rights there, for each new item.`,
    "It holds from the next item on; what waits already is not told again.",
  ].filter(Boolean);
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
