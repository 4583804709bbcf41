import { useEffect, useRef, useState } from "react";
import type { ChatCommand } from "../api/types";
import styles from "./Composer.module.css";
import { completions } from "./completion";
import { useCommandsOfChat } from "./queries";

interface Completing {
  found: ChatCommand[];
  marked: ChatCommand | null;
  step: (by: number) => void;
  close: () => void;
}

/** What a slash that is typed may become. Closed, it stays so until something else is typed. */
export function useCompletion(text: string): Completing {
  const commands = useCommandsOfChat().data;
  const [at, setAt] = useState({ text: "", place: 0 });
  const [closed, setClosed] = useState<string | null>(null);
  const found = closed === text ? [] : completions(text, commands ?? []);
  const place = at.text === text ? Math.min(at.place, found.length - 1) : 0;
  return {
    found,
    marked: found[place] ?? null,
    step: (by) => setAt({ text, place: (place + by + found.length) % found.length }),
    close: () => setClosed(text),
  };
}

interface Props extends Completing {
  id: string;
  choose: (command: ChatCommand) => void;
}

export function Completion({ id, found, marked, choose }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [marked]);
  return (
    <ul ref={list} className={styles.completion} id={id} role="listbox" aria-label="Commands">
      {found.map((one) => (
        <li
          key={one.name}
          id={`${id}-${one.name}`}
          role="option"
          aria-selected={one === marked}
          className={styles.option}
          onMouseDown={(event) => {
            event.preventDefault();
            choose(one);
          }}
        >
          <code>{one.usage}</code> <span>{one.does}</span>
        </li>
      ))}
    </ul>
  );
}
