import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import styles from "./Composer.module.css";
import { keyTyped, type Offer, offers } from "./completion";
import { useCommandsOfChat } from "./queries";

const TYPED_MS = 120;

interface Completing {
  found: Offer[];
  marked: Offer | null;
  step: (by: number) => void;
  close: () => void;
}

/** What a slash, or a task's key, that is typed may become. Closed, it stays so until something else is typed. */
export function useCompletion(text: string, caret: number, project: number): Completing {
  const commands = useCommandsOfChat().data ?? [];
  const tasks = useKeys(keyTyped(text, caret, commands), project);
  const [at, setAt] = useState({ text: "", place: 0 });
  const [closed, setClosed] = useState<string | null>(null);
  const found = closed === text ? [] : offers(text, caret, commands, tasks);
  const place = at.text === text ? Math.min(at.place, found.length - 1) : 0;
  return {
    found,
    marked: found[place] ?? null,
    step: (by) => setAt({ text, place: (place + by + found.length) % found.length }),
    close: () => setClosed(text),
  };
}

/** Tasks of the project whose key begins so, the newest first. */
function useKeys(typed: string | null, project: number) {
  const [words] = useDebouncedValue(typed?.toUpperCase() ?? "", TYPED_MS);
  const { data = [] } = useQuery({
    queryKey: [...keys.around, "keys", project, words],
    queryFn: () =>
      body(api.GET("/tasks", { params: { query: { project_id: project, text: words, sort: "-id", limit: 50 } } })),
    enabled: words !== "",
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 60_000,
  });
  return typed === null ? [] : data;
}

interface Props extends Completing {
  id: string;
  choose: (offer: Offer) => void;
}

export function Completion({ id, found, marked, choose }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [marked?.id]);
  const tasks = found[0] !== undefined && !found[0].code.startsWith("/");
  return (
    <ul ref={list} className={styles.completion} id={id} role="listbox" aria-label={tasks ? "Tasks" : "Commands"}>
      {found.map((one) => (
        <li
          key={one.id}
          id={`${id}-${one.id}`}
          role="option"
          aria-selected={one === marked}
          className={styles.option}
          onMouseDown={(event) => {
            event.preventDefault();
            choose(one);
          }}
        >
          <code>{one.code}</code> <span>{one.does}</span>
        </li>
      ))}
    </ul>
  );
}
