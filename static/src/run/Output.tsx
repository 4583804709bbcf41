import { Button, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useDeferredValue, useMemo, useRef, useState } from "react";
import type { Run } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { Now } from "../tag/Now";
import { OutputRow } from "./OutputRow";
import styles from "./Output.module.css";
import { pack, type Spot, unpack } from "./outputLog";
import { useFollow } from "./useFollow";
import { useOutput } from "./useOutput";
import { isLive, runName } from "./words";

const ROW_PX = 19;
const SAID_NOTHING = {
  reading: "Reading what it said …",
  ended: "It said nothing.",
  following: "Nothing said yet.",
  reconnecting: "Nothing said yet.",
} as const;
/** Nothing that was found is gone to yet. */
const NONE = -1;

/** What a run said and says: folded to its steps, followed to its end, searched through. Only the rows in sight are
 * in the page, so a hundred thousand stay quick. */
export function Output({ run }: { run: Run }) {
  const { log, version, state, error, changed } = useOutput(run);
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const { following, atEnd, onScroll, toEnd, letGo } = useFollow(box, inner, isLive(run));
  const rows = useVirtualizer({
    count: log.rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => log.rows[index] ?? index,
    overscan: 20,
  });
  const [words, setWords] = useState("");
  const [at, setAt] = useState(NONE);
  const wanted = useDeferredValue(words.trim());
  // `version` stands for what is in the log
  const found = useMemo(() => log.find(wanted), [log, wanted, version]); // eslint-disable-line react-hooks/exhaustive-deps
  const current = found[at];
  const show = (spot: Spot | undefined) => {
    if (spot === undefined) return;
    letGo();
    const row = log.reveal(spot);
    changed();
    requestAnimationFrame(() => rows.scrollToIndex(row, { align: "center" }));
  };
  const step = (by: number) => {
    if (found.length === 0) return;
    const next = at === NONE && by < 0 ? found.length - 1 : (at + by + found.length) % found.length;
    setAt(next);
    show(found[next]);
  };
  const fold = (folded: boolean) => {
    log.foldAll(folded);
    changed();
  };
  const copy = () =>
    void navigator.clipboard.writeText(log.text()).then(
      () => tellDone("The whole output is in the clipboard."),
      () => tellDone("The browser does not let this page write to the clipboard."),
    );
  const empty = log.rows.length === 0;
  return (
    <>
      <div className={styles.bar}>
        <Search
          words={words}
          change={(text) => {
            setWords(text);
            setAt(NONE);
          }}
          count={wanted ? found.length : null}
          reading={state === "reading"}
          at={at}
          step={step}
        />
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => fold(false)} disabled={empty}>
          Unfold
        </Button>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => fold(true)} disabled={empty}>
          Fold
        </Button>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={copy} disabled={empty}>
          Copy
        </Button>
      </div>
      <div className={styles.frame}>
        <div
          ref={box}
          className={styles.box}
          role="log"
          aria-label={`Output of ${runName(run)}`}
          aria-live="off"
          tabIndex={0}
          onScroll={onScroll}
        >
          <div ref={inner} className={styles.inner} style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map((item) => {
              const spot = unpack(log.rows[item.index] ?? 0);
              return (
                <div
                  key={item.key}
                  ref={rows.measureElement}
                  data-index={item.index}
                  className={styles.place}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <OutputRow
                    log={log}
                    spot={spot}
                    wanted={wanted}
                    current={current !== undefined && pack(current) === pack(spot)}
                    toggle={() => {
                      log.toggle(spot.block);
                      changed();
                    }}
                  />
                </div>
              );
            })}
          </div>
          {empty && !error && <p className={styles.none}>{SAID_NOTHING[state]}</p>}
        </div>
        {!following && !atEnd && (
          <Button className={styles.end} size="compact-xs" onClick={toEnd}>
            ↓ {isLive(run) ? "Follow" : "To the end"}
          </Button>
        )}
      </div>
      {error !== null && <ProblemNote error={error} />}
      {state === "reconnecting" && <p className={styles.none}>The line is cut. Reconnecting …</p>}
      {state === "reading" && !empty && <p className={styles.none}>Still reading what it said …</p>}
      {state === "following" && isLive(run) && following && <Now>following</Now>}
    </>
  );
}

interface SearchProps {
  words: string;
  change: (text: string) => void;
  count: number | null;
  /** What was said is not all here yet. */
  reading: boolean;
  at: number;
  step: (by: number) => void;
}

function Search({ words, change, count, reading, at, step }: SearchProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    }
    if (event.key === "Escape" && words) {
      event.preventDefault();
      change("");
    }
  };
  return (
    <TextInput
      className={styles.search}
      size="xs"
      aria-label="Search in the output"
      placeholder="Search in the output"
      value={words}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      rightSectionWidth={count === null ? 0 : 104}
      rightSection={
        count === null ? null : (
          <span className={styles.found} role="status">
            {foundWords(count, at, reading)}
            <button type="button" aria-label="The one before" onClick={() => step(-1)} disabled={count === 0}>
              ↑
            </button>
            <button type="button" aria-label="The next one" onClick={() => step(1)} disabled={count === 0}>
              ↓
            </button>
          </span>
        )
      }
    />
  );
}

function foundWords(count: number, at: number, reading: boolean): string {
  if (count === 0) return reading ? "still reading …" : "not found";
  const all = count.toLocaleString("en");
  if (at === NONE) return `${all} ${reading ? "so far" : "found"}`;
  return `${at + 1} of ${all}`;
}
