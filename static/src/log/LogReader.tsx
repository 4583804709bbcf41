import { useDebouncedValue } from "@mantine/hooks";
import { useRef, useState } from "react";
import { useCommand } from "../command/useCommand";
import type { LogFacts, LogLevel } from "../api/types";
import { part } from "../part/part";
import { LogBar } from "./LogBar";
import { LogView } from "./LogView";
import { between, type Span } from "./words";

const ClearDialog = part(() => import("./ClearDialog"));
const TYPED_MS = 300;

/** One log: what is asked of it, and its lines. */
export function LogReader({ log }: { log: LogFacts }) {
  const [levels, setLevels] = useState<LogLevel[]>([]);
  const [words, setWords] = useState("");
  const [text] = useDebouncedValue(words.trim(), TYPED_MS);
  const [span, setSpan] = useState<Span>("any");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [asked, setAsked] = useState(0);
  const [paused, setPaused] = useState(false);
  const [clearing, setClearing] = useState(false);
  const [generation, setGeneration] = useState(0);
  const search = useRef<HTMLInputElement>(null);
  const live = span === "any";
  useCommand({
    words: paused ? "Go on" : "Pause",
    group: "Logs",
    keys: "p",
    when: live,
    run: () => setPaused(!paused),
  });
  useCommand({ words: "Search in the log", group: "Logs", keys: "/", run: () => search.current?.focus() });
  const choose = (next: Span) => {
    setSpan(next);
    setAsked(Date.now());
    setPaused(false);
  };
  const time = between(span, from, to, asked);
  return (
    <>
      <LogBar
        log={log}
        search={search}
        words={words}
        setWords={setWords}
        levels={levels}
        setLevels={setLevels}
        span={span}
        setSpan={choose}
        from={from}
        setFrom={setFrom}
        to={to}
        setTo={setTo}
        clear={() => setClearing(true)}
      />
      <LogView
        key={JSON.stringify([levels, text, time, generation])}
        name={log.name}
        filter={{ levels, text }}
        span={time}
        paused={paused}
        setPaused={setPaused}
      />
      {clearing && (
        <ClearDialog log={log} close={() => setClearing(false)} cleared={() => setGeneration((now) => now + 1)} />
      )}
    </>
  );
}
