import { UnstyledButton } from "@mantine/core";
import type { LogLine } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./Logs.module.css";
import { useWholeLine } from "./queries";
import { brief, LEVEL_WORDS, timeOf, whole } from "./words";

interface Props {
  log: string;
  line: LogLine;
  /** What is searched for; empty for nothing. */
  wanted: string;
  open: boolean;
  toggle: () => void;
}

/** One line: when, how grave, what; unfolded, all that it tells. */
export function LogRow({ log, line, wanted, open, toggle }: Props) {
  return (
    <>
      <UnstyledButton className={styles.line} aria-expanded={open} data-level={line.level} onClick={toggle}>
        <time dateTime={line.at ?? undefined}>{line.at === null ? "" : timeOf(line.at)}</time>
        <span className={styles.level}>{line.level === "other" ? "" : LEVEL_WORDS[line.level]}</span>
        <span className={styles.event}>
          <Marked text={line.event || "(no words)"} wanted={wanted} />
        </span>
        <span className={styles.brief}>
          <Marked text={brief(line)} wanted={wanted} />
        </span>
      </UnstyledButton>
      {open && <Whole log={log} line={line} />}
    </>
  );
}

function Whole({ log, line }: { log: string; line: LogLine }) {
  const { data, error } = useWholeLine(log, line.position, line.cut);
  const shown = data ?? line;
  return (
    <div className={styles.whole}>
      {error !== null && <ProblemNote error={error} />}
      {line.cut && !data && error === null && <p>Reading the rest …</p>}
      <dl>
        {shown.at !== null && <Field name="time" value={shown.at} />}
        <Field name="event" value={shown.event} />
        {Object.entries(shown.fields).map(([name, value]) => (
          <Field key={name} name={name} value={value} />
        ))}
      </dl>
    </div>
  );
}

function Field({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{whole(value)}</dd>
    </>
  );
}

/** The text with every place marked that is searched for. */
function Marked({ text, wanted }: { text: string; wanted: string }) {
  const at = wanted ? text.toLowerCase().indexOf(wanted.toLowerCase()) : -1;
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + wanted.length)}</mark>
      {text.slice(at + wanted.length)}
    </>
  );
}
