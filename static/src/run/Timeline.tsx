import type { Run, Task } from "../api/types";
import { useNow } from "../clock/useNow";
import { clock, duration } from "../clock/words";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import { useStandings } from "./queries";
import { type Bar, bars, type RunRow, timeline, type WaitRow } from "./timeline";
import { isLive, runName, runState, waitWords } from "./words";
import styles from "./Work.module.css";

/** Every run with its time, and the waits between them; a click chooses the run whose output is shown. */
export function Timeline({ task, runs, chosen }: { task: Task; runs: Run[]; chosen: string | null }) {
  const standings = useStandings(task.id);
  const live = runs.some(isLive) || task.state === "waiting";
  const now = useNow(live ? 1 : 60);
  const rows = timeline(runs, standings.data ?? [], now);
  const drawn = bars(rows);
  return (
    <>
      {standings.isError && <ProblemNote error={standings.error} again={() => void standings.refetch()} />}
      <ol className={styles.rows} aria-label="Runs and waits">
        {rows.map((row, index) => (
          <li key={row.key}>
            {row.kind === "run" ? (
              <Ran row={row} bar={drawn[index]} current={row.run.id === chosen} />
            ) : (
              <Waited row={row} bar={drawn[index]} />
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

function Ran({ row: { run, seconds }, bar, current }: { row: RunRow; bar: Bar | undefined; current: boolean }) {
  const place = usePlace();
  const [words, tone] = runState(run.state);
  return (
    <a
      className={styles.row}
      aria-current={current || undefined}
      title={run.started_at ? clock(run.started_at) : undefined}
      {...linkTo(place, { tab: "runs", run: run.id })}
    >
      <span className={styles.name}>
        <b>{runName(run)}</b>
        <Tag tone={tone}>{words}</Tag>
      </span>
      <Track bar={bar} state={run.state} />
      <span className={styles.time}>{run.started_at === null ? "" : duration(seconds)}</span>
    </a>
  );
}

function Waited({ row, bar }: { row: WaitRow; bar: Bar | undefined }) {
  const person = row.why === "waiting" || row.why === "paused";
  return (
    <div className={`${styles.row} ${styles.wait}`} data-person={person || undefined} title={clock(row.start)}>
      <span className={styles.name}>{waitWords(row)}</span>
      <Track bar={bar} state="wait" />
      <span className={styles.time}>{duration(row.seconds)}</span>
    </div>
  );
}

function Track({ bar, state }: { bar: Bar | undefined; state: string }) {
  return (
    <span className={styles.track} aria-hidden="true" title={bar?.cut ? "It was longer than is drawn" : undefined}>
      {bar && (
        <span className={styles.bar} data-state={state} style={{ left: `${bar.left}%`, width: `${bar.width}%` }} />
      )}
    </span>
  );
}
