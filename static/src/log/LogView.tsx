import { Button, Skeleton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import { useCommand } from "../command/useCommand";
import { ProblemNote } from "../problem/ProblemNote";
import { useFollow } from "../run/useFollow";
import { LogRow } from "./LogRow";
import styles from "./Logs.module.css";
import type { Filter } from "./queries";
import { isFiltered, type Log, useLog } from "./useLog";
import { type Between, gapWords, nameOf, sizeWords, stateWords } from "./words";

const ROW_PX = 22;

interface Props {
  name: string;
  filter: Filter;
  span: Between | null;
  paused: boolean;
  setPaused: (paused: boolean) => void;
}

/** The lines: only those in sight are in the page, however many there are. */
export function LogView({ name, filter, span, paused, setPaused }: Props) {
  const live = span === null;
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const { following, atEnd, onScroll, toEnd, letGo } = useFollow(box, inner, live);
  const log = useLog(name, filter, span, paused, following);
  const { lines } = log;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const rows = useVirtualizer({
    count: lines.rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => lines.rows[index]?.key ?? index,
    overscan: 15,
  });
  const older = useOlder(box, log);
  useCommand({ words: "Follow the log", group: "Logs", keys: "f", when: live, run: toEnd });
  const toggle = (key: string, index: number) => {
    letGo();
    if (open.has(key))
      rows.resizeItem(index, ROW_PX); // only what is unfolded is measured
    else requestAnimationFrame(() => rows.scrollToIndex(index));
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  };
  const empty = log.read && lines.rows.length === 0;
  return (
    <section className={styles.view} aria-label={`Log of ${nameOf(name)}`}>
      <div className={styles.state}>
        {live ? (
          <span role="status" data-state={paused || log.held ? "paused" : log.state}>
            {stateWords(log.state, paused, log.held)}
          </span>
        ) : (
          <span role="status">{log.read ? rangeWords(lines.rows.length, lines.whole) : "Looking …"}</span>
        )}
        {live && (
          <Button size="compact-xs" variant="default" onClick={() => setPaused(!paused)}>
            {paused ? "Go on" : "Pause"}
          </Button>
        )}
      </div>
      {log.error !== null && <ProblemNote error={log.error} />}
      <div className={styles.frame}>
        <div
          ref={box}
          className={styles.box}
          role="log"
          aria-label={`Lines of ${nameOf(name)}`}
          aria-live="off"
          tabIndex={0}
          onScroll={onScroll}
        >
          {!log.read && log.error === null && <Skeleton height={ROW_PX * 6} radius={4} />}
          {log.read && !lines.whole && (
            <p className={styles.above}>
              <Button size="compact-xs" variant="subtle" loading={log.busy === "older"} onClick={older}>
                {lines.left > 0 && isFiltered(filter)
                  ? `Look through older lines (${sizeWords(lines.left)} left)`
                  : "Older lines"}
              </Button>
            </p>
          )}
          {log.read && lines.whole && !empty && <p className={styles.above}>{live ? "The log begins here." : ""}</p>}
          <div ref={inner} className={styles.inner} style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map((item) => {
              const row = lines.rows[item.index];
              if (row === undefined) return null;
              const unfolded = open.has(row.key);
              return (
                <div
                  key={item.key}
                  ref={unfolded ? rows.measureElement : undefined}
                  data-index={item.index}
                  className={styles.place}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  {row.kind === "line" && (
                    <LogRow
                      log={name}
                      line={row.line}
                      wanted={filter.text}
                      open={unfolded}
                      toggle={() => toggle(row.key, item.index)}
                    />
                  )}
                  {row.kind === "lost" && (
                    <p className={styles.gap}>The lines between are no more: cleared, or too old.</p>
                  )}
                  {row.kind === "gap" && (
                    <p className={styles.gap}>
                      {gapWords(row.gap.lines, isFiltered(filter))}{" "}
                      <button
                        type="button"
                        disabled={log.busy !== null}
                        onClick={() => {
                          letGo();
                          log.fill(row.key, row.gap);
                        }}
                      >
                        {log.busy === row.key ? "Loading …" : "Show them"}
                      </button>
                    </p>
                  )}
                </div>
              );
            })}
          </div>
          {empty && <p className={styles.none}>{emptyWords(isFiltered(filter) || !live, lines.whole)}</p>}
        </div>
        {!atEnd && (
          <Button className={styles.end} size="compact-xs" onClick={toEnd}>
            ↓ {live ? "Follow" : "To the end"}
          </Button>
        )}
      </div>
    </section>
  );
}

/** Asks for older lines, and keeps what is read where it stands. */
function useOlder(box: RefObject<HTMLDivElement | null>, log: Log): () => void {
  const height = useRef<number | null>(null);
  const first = log.lines.first;
  useLayoutEffect(() => {
    const area = box.current;
    if (area === null || height.current === null) return;
    area.scrollBy({ top: area.scrollHeight - height.current, behavior: "instant" });
    height.current = null;
  }, [box, first]);
  return () => {
    height.current = box.current?.scrollHeight ?? null;
    log.older();
  };
}

function emptyWords(asked: boolean, whole: boolean): string {
  if (!asked) return "Nothing was written yet. New lines appear here by themselves.";
  return whole ? "No line fits." : "No line fits so far. There are older ones to look through.";
}

function rangeWords(count: number, whole: boolean): string {
  const words = count === 1 ? "1 line" : `${count.toLocaleString("en")} lines`;
  return whole ? `${words} of that time` : `the last ${words} of that time`;
}
