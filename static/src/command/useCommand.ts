import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import { type Command, commandFor, commands, isTaken, listen, pressOf, register } from "./registry";

/**
 * Puts a command into the palette (Ctrl K) and, with `keys`, on the keyboard and into the help sheet (?), for as long as
 * the component is shown and `when` holds.
 */
export function useCommand({ when = true, run, words, group, keys }: Command & { when?: boolean }): void {
  const latest = useEffectEvent(run);
  useEffect(() => {
    if (!when) return;
    return register({ words, group, keys, run: () => latest() });
  }, [when, words, group, keys]);
}

export const useCommands = (): readonly Command[] => useSyncExternalStore(listen, commands);

/** Once, at the page's root: presses reach their commands. */
export function useKeyboard(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.repeat) return;
      const press = pressOf(event);
      if (isTaken(event.target, press)) return;
      const command = commandFor(press, event.timeStamp); // when it was pressed, however late it is heard
      if (command === null) return;
      event.preventDefault();
      command.run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
