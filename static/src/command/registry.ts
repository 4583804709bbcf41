export interface Command {
  /** What it does, as a person would say it: "Approve and merge". */
  words: string;
  /** The heading it stands under: "Go to", "Board", "Task". */
  group: string;
  /** "a", "?", "ctrl+k", or one after the other: "g i". */
  keys?: string | undefined;
  run: () => void;
}

const SEQUENCE_MS = 1_200;

const registered: Command[] = [];
const listeners = new Set<() => void>();
let shown: readonly Command[] = [];
let pressed = "";
let at = 0;

function tell(): void {
  shown = [...registered];
  for (const told of listeners) told();
}

/** Makes a command known until the returned function is called. Of two with the same keys the newest is meant. */
export function register(command: Command): () => void {
  registered.push(command);
  tell();
  return () => {
    registered.splice(registered.indexOf(command), 1);
    tell();
  };
}

export const commands = (): readonly Command[] => shown;

export function listen(told: () => void): () => void {
  listeners.add(told);
  return () => listeners.delete(told);
}

export type Press = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">;

/** The name of a press: "a", "?", "ctrl+k" (the command key counts as ctrl). Empty for a bare modifier. */
export function pressOf({ key, ctrlKey, metaKey, altKey }: Press): string {
  if (["Control", "Shift", "Alt", "Meta", "Dead", "Unidentified", "Process"].includes(key)) return "";
  const name = key.length === 1 ? key.toLowerCase() : key;
  return (ctrlKey || metaKey ? "ctrl+" : "") + (altKey ? "alt+" : "") + (name === " " ? "Space" : name);
}

/** The command that this press completes, alone or after the one before it. */
export function commandFor(press: string, now = Date.now()): Command | null {
  if (press === "") return null;
  const sequence = pressed && now - at < SEQUENCE_MS ? `${pressed} ${press}` : press;
  const found =
    registered.findLast((each) => each.keys === sequence) ?? registered.findLast((each) => each.keys === press);
  pressed = found ? "" : press;
  at = now;
  return found ?? null;
}

const TAKES = "[role=dialog], [role=menu], [role=listbox]";

/** Whether something that has the keys to itself is in sight. Fields that choose keep their list in the page, hidden. */
export const somethingOpen = (): boolean => [...document.querySelectorAll(TAKES)].some((one) => one.checkVisibility());

/** Whether the press belongs to what has the focus: someone writes, chooses, or a dialog is open. */
export function isTaken(target: EventTarget | null, press: string): boolean {
  if (somethingOpen()) return true;
  if (!(target instanceof HTMLElement)) return false;
  const writes = target.isContentEditable || target.closest("input, textarea, select") !== null;
  return writes && !press.startsWith("ctrl+");
}
