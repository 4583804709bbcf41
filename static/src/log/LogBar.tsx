import { Button, Chip, Group, NativeSelect, TextInput } from "@mantine/core";
import type { RefObject } from "react";
import type { LogFacts, LogLevel } from "../api/types";
import styles from "./Logs.module.css";
import { LEVEL_WORDS, LEVELS, nameOf, type Span, SPANS } from "./words";

interface Props {
  log: LogFacts;
  search: RefObject<HTMLInputElement | null>;
  words: string;
  setWords: (words: string) => void;
  levels: LogLevel[];
  setLevels: (levels: LogLevel[]) => void;
  span: Span;
  setSpan: (span: Span) => void;
  from: string;
  setFrom: (from: string) => void;
  to: string;
  setTo: (to: string) => void;
  clear: () => void;
}

/** Which lines are shown, and what can be done with the whole log. */
export function LogBar(props: Props) {
  const { log, search, words, setWords, levels, setLevels, span, setSpan, from, setFrom, to, setTo, clear } = props;
  return (
    <div className={styles.bar}>
      <TextInput
        ref={search}
        className={styles.search}
        size="xs"
        aria-label={`Search in the log of ${nameOf(log.name)}`}
        placeholder="Search, older files too"
        maxLength={200}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (words) setWords("");
          else event.currentTarget.blur();
        }}
      />
      <Chip.Group
        multiple
        value={levels}
        onChange={(chosen) => setLevels(LEVELS.filter((one) => chosen.includes(one)))}
      >
        <Group gap={4} role="group" aria-label="Levels; none chosen shows all">
          {LEVELS.map((level) => (
            <Chip key={level} value={level} size="xs" variant="outline">
              {LEVEL_WORDS[level]}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <NativeSelect
        className={styles.span}
        size="xs"
        aria-label="Time"
        data={SPANS}
        value={span}
        onChange={(event) => setSpan(event.currentTarget.value as Span)}
      />
      {span === "between" && (
        <>
          <TextInput
            size="xs"
            type="datetime-local"
            step={1}
            aria-label="From"
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            size="xs"
            type="datetime-local"
            step={1}
            aria-label="To"
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </>
      )}
      <span className={styles.acts}>
        <Button
          component="a"
          href={`/logs/${encodeURIComponent(log.name)}/download`}
          download={`${log.name}.log`}
          size="compact-xs"
          variant="subtle"
          color="gray"
        >
          Download
        </Button>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={clear} disabled={log.bytes === 0}>
          Clear …
        </Button>
      </span>
    </div>
  );
}
