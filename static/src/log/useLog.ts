import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { LogPage, SkippedLines } from "../api/types";
import { tellProblem } from "../problem/tell";
import { type FeedState, LogFeed } from "./feed";
import { LogLines } from "./lines";
import { type Filter, readLog } from "./queries";
import type { Between } from "./words";

const OLDER = 300;
const OF_A_GAP = 1_000;

export interface Log {
  lines: LogLines;
  /** Grows with every change of the lines, which stay the same object. */
  version: number;
  state: FeedState;
  /** The first lines are there. */
  read: boolean;
  /** It rests by itself: so many lines came while the person read above. */
  held: boolean;
  error: unknown;
  /** Older lines, or those of a gap, are on their way. */
  busy: string | null;
  older: () => void;
  fill: (key: string, gap: SkippedLines) => void;
}

/**
 * The lines of one log: followed live, or those of a time. `follows`: the person looks at the end. Made anew for
 * another log, filter or time: give the component a key.
 */
export function useLog(name: string, filter: Filter, span: Between | null, paused: boolean, follows: boolean): Log {
  const [lines] = useState(() => new LogLines());
  const [version, setVersion] = useState(0);
  const [state, setState] = useState<FeedState>("opening");
  const [read, setRead] = useState(false);
  const [held, setHeld] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const feed = useRef<LogFeed | null>(null);
  const changed = () => setVersion((now) => now + 1);

  const take = useEffectEvent((page: LogPage) => {
    lines.append(page, follows);
    setRead(true);
    setHeld(lines.full && !follows);
    changed();
  });
  const first = useEffectEvent((signal: AbortSignal) => readLog(name, filter, { between: span, limit: OLDER }, signal));
  const ways = useEffectEvent(() => ({
    open: (after: string) => new WebSocket(address(name, filter, after), "wfhub.events"),
    read: (after: string, signal: AbortSignal) => readLog(name, filter, { after, limit: 200 }, signal),
  }));

  const live = span === null;
  useEffect(() => {
    if (!live) {
      const reading = new AbortController();
      first(reading.signal).then(
        (page) => !reading.signal.aborted && take(page),
        (fault: unknown) => !reading.signal.aborted && setError(fault),
      );
      return () => reading.abort();
    }
    const { open, read: ask } = ways();
    const made = new LogFeed({ open, read: ask }, { page: (page) => take(page), state: setState });
    feed.current = made;
    made.start();
    return () => {
      feed.current = null;
      made.stop();
    };
  }, [live]);

  useEffect(() => {
    if (paused || held) feed.current?.pause();
    else feed.current?.resume();
  }, [paused, held]);

  // one batch a frame: the next is asked for when this one is on the screen
  useEffect(() => {
    const frame = requestAnimationFrame(() => feed.current?.drawn());
    return () => cancelAnimationFrame(frame);
  }, [version]);

  if (held && follows) setHeld(false);

  const ask = (what: string, range: Parameters<typeof readLog>[2], then: (page: LogPage) => void) => {
    setBusy(what);
    readLog(name, filter, range)
      .then((page) => {
        then(page);
        changed();
      }, tellProblem)
      .finally(() => setBusy(null));
  };
  return {
    lines,
    version,
    state,
    read,
    held,
    error,
    busy,
    older: () => ask("older", { before: lines.first, between: span, limit: OLDER }, (page) => lines.prepend(page)),
    fill: (key, { after, before }) =>
      ask(key, { after, before, order: "oldest", limit: OF_A_GAP }, (page) =>
        lines.fill(key, page, isFiltered(filter)),
      ),
  };
}

export const isFiltered = ({ levels, text }: Filter): boolean => levels.length > 0 || text !== "";

function address(name: string, filter: Filter, after: string): string {
  const query = new URLSearchParams(filter.levels.map((level) => ["level", level]));
  if (after) query.set("after", after);
  if (filter.text) query.set("text", filter.text);
  const text = query.toString();
  const root = window.location.origin.replace(/^http/, "ws");
  return `${root}/ws/logs/${encodeURIComponent(name)}${text && `?${text}`}`;
}
