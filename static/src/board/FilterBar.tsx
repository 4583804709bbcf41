import { type Ref, useRef } from "react";
import { useCommand } from "../command/useCommand";
import type { Board } from "../api/types";
import { go, linkTo, usePlace } from "../place/usePlace";
import { ALL, type Filter, isNarrowed, KINDS } from "./filter";
import styles from "./FilterBar.module.css";
import { allOf } from "./words";

const PRIORITIES = [9, 7, 5];
export const IMPORT = { view: "import", task: null, plan: null } as const;

interface Props {
  board: Board;
  filter: Filter;
  shown: number;
  newTask: () => void;
}

/** What of the board is shown. All of it stands in the address. */
export function FilterBar({ board, filter, shown, newTask }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const place = usePlace();
  const set = (change: Partial<Filter>) => go({ filter: { ...filter, ...change } }, "replace");
  const toggle = (state: "waiting" | "paused") => set({ state: filter.state === state ? null : state });
  const narrowed = isNarrowed(filter);
  const all = board.columns.reduce((sum, column) => sum + allOf(column), 0);
  useCommand({ words: "Filter the cards", group: "Board", keys: "/", run: () => field.current?.focus() });
  useCommand({ words: "What waits for me", group: "Board", keys: "w", run: () => toggle("waiting") });
  useCommand({ words: "A lane a plan", group: "Board", keys: "l", run: () => set({ lanes: !filter.lanes }) });
  useCommand({
    words: "Show all cards",
    group: "Board",
    keys: "x",
    when: narrowed,
    run: () => set({ ...ALL, lanes: filter.lanes }),
  });
  return (
    <search className={styles.bar} aria-label="Filters of the board">
      <Search field={field} text={filter.text} set={(text) => set({ text })} />
      <Choice label="Kind" value={filter.kind} all={[...KINDS]} set={(kind) => set({ kind })} />
      <Choice
        label="Role"
        value={filter.role}
        all={among(board.columns.map((column) => column.role))}
        set={(role) => set({ role })}
      />
      <Choice
        label="Priority"
        value={filter.priority === null ? null : String(filter.priority)}
        all={among([...PRIORITIES, filter.priority].map((least) => (least === null ? null : String(least))))}
        words={(least) => `P${least} and above`}
        set={(least) => set({ priority: least === null ? null : Number(least) })}
      />
      <Toggle on={filter.state === "waiting"} press={() => toggle("waiting")}>
        Waits for me
      </Toggle>
      <Toggle on={filter.state === "paused"} press={() => toggle("paused")}>
        Paused
      </Toggle>
      <Toggle on={filter.lanes} press={() => set({ lanes: !filter.lanes })}>
        Lanes by plan
      </Toggle>
      <span role="status" className={styles.told}>
        {narrowed && `${shown.toLocaleString("en")} of ${all.toLocaleString("en")}`}
      </span>
      {narrowed && (
        <button type="button" className={styles.all} onClick={() => set({ ...ALL, lanes: filter.lanes })}>
          Show all
        </button>
      )}
      <button type="button" className={styles.newTask} onClick={newTask}>
        + New task
      </button>
      <a className={styles.import} {...linkTo(place, IMPORT)}>
        Import
      </a>
    </search>
  );
}

const among = (values: (string | null)[]): string[] =>
  [...new Set(values)].filter((value) => value !== null && value !== "").sort() as string[];

function Search({ field, text, set }: { field: Ref<HTMLInputElement>; text: string; set: (text: string) => void }) {
  return (
    <input
      ref={field}
      type="search"
      className={styles.text}
      aria-label="Text in a card"
      placeholder="Filter cards"
      value={text}
      onChange={(event) => set(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}

interface ChoiceProps {
  label: string;
  value: string | null;
  all: string[];
  words?: (value: string) => string;
  set: (value: string | null) => void;
}

function Choice({ label, value, all, words = (each) => each, set }: ChoiceProps) {
  const known = value !== null && !all.includes(value) ? [...all, value] : all;
  return (
    <select
      className={styles.choice}
      aria-label={label}
      data-on={value !== null || undefined}
      value={value ?? ""}
      onChange={(event) => set(event.currentTarget.value || null)}
    >
      <option value="">{label}</option>
      {known.map((each) => (
        <option key={each} value={each}>
          {words(each)}
        </option>
      ))}
    </select>
  );
}

function Toggle({ on, press, children }: { on: boolean; press: () => void; children: string }) {
  return (
    <button type="button" className={styles.toggle} aria-pressed={on} onClick={press}>
      {children}
    </button>
  );
}
