import { useEffect, useState } from "react";
import type { Run } from "../api/types";
import { type FeedState, type LineId, OutputFeed, type OutputLine } from "./outputFeed";
import { OutputLog } from "./outputLog";
import { readStored } from "./storedOutput";
import { isLive } from "./words";

export interface Output {
  log: OutputLog;
  /** Grows with every change of the log, which stays the same object. */
  version: number;
  state: FeedState | "reading";
  error: unknown;
  /** The log changed by the person's hand: something folded. */
  changed: () => void;
}

/** What a run said, read page by page; followed from there on while it is alive. */
export function useOutput(run: Run): Output {
  const [log] = useState(() => new OutputLog());
  const [version, setVersion] = useState(0);
  const [state, setState] = useState<Output["state"]>("reading");
  const [error, setError] = useState<unknown>(null);
  const [follows] = useState(() => isLive(run)); // a feed that was begun goes on to the run's end
  useEffect(() => {
    const reading = new AbortController();
    let last: LineId | null = null;
    let feed: OutputFeed | null = null;
    const take = (lines: OutputLine[]) => {
      if (reading.signal.aborted) return;
      last = lines.at(-1) ?? last;
      log.append(lines);
      setVersion((now) => now + 1);
    };
    const follow = () => {
      const address = `${window.location.origin.replace(/^http/, "ws")}/ws/runs/${encodeURIComponent(run.id)}/output`;
      feed = new OutputFeed(address, { lines: take, state: setState }, last);
      feed.start();
    };
    const done = (fault: unknown) => {
      if (reading.signal.aborted) return;
      if (follows) {
        follow(); // what could not be read comes with it, as soon as the hub is there
        return;
      }
      setError(fault);
      setState("ended");
    };
    readStored(run.id, take, reading.signal).then(() => done(null), done);
    return () => {
      reading.abort();
      feed?.stop();
    };
  }, [follows, log, run.id]);
  return { log, version, state, error, changed: () => setVersion((now) => now + 1) };
}
