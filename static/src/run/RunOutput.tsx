import { Select } from "@mantine/core";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Run, Task } from "../api/types";
import { go, usePlace } from "../place/usePlace";
import { useRuns } from "../task/queries";
import { Now } from "../tag/Now";
import { OutputFeed, type FeedState, type OutputLine } from "./outputFeed";
import styles from "./RunOutput.module.css";
import { lineWords, stepName } from "./lineWords";
import { isLive, runName, runState } from "./words";

const KEPT = 4000;

export function RunOutput({ task }: { task: Task }) {
  const { run: wanted } = usePlace();
  const { data: runs } = useRuns(task.id);
  if (!runs) return null;
  const chosen = runs.find((run) => run.id === wanted) ?? runs.findLast(isLive) ?? runs.at(-1);
  if (chosen === undefined) return <p className={styles.none}>No run yet, so nothing was said.</p>;
  const options = runs
    .toReversed()
    .map((run) => ({ value: run.id, label: `${runName(run)} · ${runState(run.state)[0]}` }));
  return (
    <>
      <Select
        aria-label="Run"
        size="xs"
        data={options}
        value={chosen.id}
        allowDeselect={false}
        onChange={(id) => go({ run: id }, "replace")}
      />
      <Feed key={chosen.id} run={chosen} />
    </>
  );
}

function Feed({ run }: { run: Run }) {
  const [lines, setLines] = useState<OutputLine[]>([]);
  const [state, setState] = useState<FeedState>("following");
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const address = `${window.location.origin.replace(/^http/, "ws")}/ws/runs/${encodeURIComponent(run.id)}/output`;
    const feed = new OutputFeed(address, {
      lines: (news) => setLines((old) => [...old, ...news].slice(-KEPT)),
      state: setState,
    });
    feed.start();
    return () => feed.stop();
  }, [run.id]);
  useLayoutEffect(() => {
    if (lines.length > 0 && atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [lines]);
  return (
    <>
      <div
        ref={box}
        className={styles.box}
        role="log"
        aria-label={`Output of ${runName(run)}`}
        tabIndex={0}
        onScroll={({ currentTarget: area }) => {
          atEnd.current = area.scrollHeight - area.scrollTop - area.clientHeight < 24;
        }}
      >
        {lines.map((line, index) => (
          <Line key={`${line.step}/${line.seq}`} line={line} first={lines[index - 1]?.step !== line.step} />
        ))}
        {lines.length === 0 && (
          <p className={styles.none}>{state === "ended" ? "It said nothing." : "Nothing said yet."}</p>
        )}
      </div>
      {state === "reconnecting" && <p className={styles.none}>The line is cut. Reconnecting …</p>}
      {state === "following" && isLive(run) && <Now>following</Now>}
    </>
  );
}

function Line({ line, first }: { line: OutputLine; first: boolean }) {
  const words = lineWords(line);
  return (
    <>
      {first && <p className={styles.step}>{stepName(line.step)}</p>}
      {words && (
        <p className={styles.line} data-kind={line.kind}>
          {words}
        </p>
      )}
    </>
  );
}
