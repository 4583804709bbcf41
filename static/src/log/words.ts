import type { LogLevel, LogLine } from "../api/types";
import type { FeedState } from "./feed";

export const LEVELS: readonly LogLevel[] = ["debug", "info", "warning", "error", "other"];

export const LEVEL_WORDS: Record<LogLevel, string> = {
  debug: "Debug",
  info: "Info",
  warning: "Warning",
  error: "Error",
  other: "Other",
};

const NAMES: Record<string, string> = {
  ollama_http: "Ollama HTTP",
  "scripted-model": "Scripted model",
  migrations: "Migrations",
  page: "Page build",
};

export const nameOf = (log: string): string => NAMES[log] ?? log;

/** How the lines come, as the person is told; beside the state stands whether they come at all. */
export function stateWords(state: FeedState, paused: boolean, held: boolean): string {
  if (held) return "Held back while you read above. Nothing is lost.";
  if (paused) return "Paused. Nothing is lost: it goes on from here.";
  return {
    opening: "Opening …",
    live: "Live",
    polling: "Asked each second: a live line can't be had.",
    away: "The hub does not answer. Trying again …",
  }[state];
}

export function gapWords(lines: number, filtered: boolean): string {
  const count = lines === 1 ? "1 line" : `${lines.toLocaleString("en")} lines`;
  return filtered ? `${count} were not looked through` : `${count} between ${lines === 1 ? "is" : "are"} not shown`;
}

export function sizeWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} KB`;
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}

const TIME = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

export const timeOf = (at: string): string => TIME.format(new Date(at));

const BRIEF = 160;
/** In every line, and told by the tab. */
const PLAIN = new Set(["service"]);

/** The fields in one line, as far as they fit. */
export function brief({ fields }: Pick<LogLine, "fields">): string {
  let text = "";
  for (const [name, value] of Object.entries(fields)) {
    if (PLAIN.has(name) || value === null || value === "") continue;
    text += `${text && "  "}${name}=${typeof value === "string" ? value : JSON.stringify(value)}`;
    if (text.length > BRIEF) return `${text.slice(0, BRIEF).replace(/\s+/g, " ")}…`;
  }
  return text.replace(/\s+/g, " ");
}

/** A field's value for the unfolded line: texts as they are, all else as JSON with room. */
export const whole = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

export type Span = "any" | "15" | "60" | "1440" | "between";

export const SPANS: { value: Span; label: string }[] = [
  { value: "any", label: "Any time, live" },
  { value: "15", label: "Last 15 minutes" },
  { value: "60", label: "Last hour" },
  { value: "1440", label: "Last 24 hours" },
  { value: "between", label: "Between …" },
];

export interface Between {
  since: string | null;
  until: string | null;
}

/** The times of a span; null while the log is followed live. `from` and `to` are what a datetime field holds. */
export function between(span: Span, from: string, to: string, now: number): Between | null {
  if (span === "any") return null;
  if (span !== "between") return { since: new Date(now - Number(span) * 60_000).toISOString(), until: null };
  return { since: instant(from), until: instant(to) };
}

function instant(text: string): string | null {
  const at = new Date(text);
  return text === "" || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
