import { useEffect, useState } from "react";
import type { Run } from "../api/types";
import { OutputFeed, type FeedState, type OutputLine } from "./outputFeed";
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

/** What a run says: followed while it is alive, read page by page when it has ended. */
export function useOutput(run: Run): Output {
  const [log] = useState(() => new OutputLog());
  const [version, setVersion] = useState(0);
  const [state, setState] = useState<Output["state"]>("reading");
  const [error, setError] = useState<unknown>(null);
  const [follows] = useState(() => isLive(run)); // a feed that was begun goes on to the run's end
  useEffect(() => {
    const take = (lines: OutputLine[]) => {
      log.append(lines);
      setVersion((now) => now + 1);
    };
    if (follows) {
      const address = `${window.location.origin.replace(/^http/, "ws")}/ws/runs/${encodeURIComponent(run.id)}/output`;
      const feed = new OutputFeed(address, { lines: take, state: setState });
      feed.start();
      return () => feed.stop();
    }
    const reading = new AbortController();
    readStored(run.id, (lines) => !reading.signal.aborted && take(lines), reading.signal).then(
      () => !reading.signal.aborted && setState("ended"),
      (fault: unknown) => {
        if (reading.signal.aborted) return;
        setError(fault);
        setState("ended");
      },
    );
    return () => reading.abort();
  }, [follows, log, run.id]);
  return { log, version, state, error, changed: () => setVersion((now) => now + 1) };
}
