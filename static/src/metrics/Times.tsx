import { useNow } from "../clock/useNow";
import { duration, secondsBetween } from "../clock/words";
import { Bars } from "./Bars";
import { Figure } from "./Figure";
import { type Asked, csvPath, type StageRow, useStages, useWaiting } from "./queries";
import { RunsLink } from "./RunsLink";
import { count, reasonWords } from "./words";

const lasting = (seconds: number | null): string => (seconds === null ? "–" : duration(seconds));

export function Stages({ asked }: { asked: Asked }) {
  const asking = useStages(asked);
  const runs = ({ stage, runs: many }: StageRow, words: string) => (
    <RunsLink behind={{ state: "passed,failed", stage, started: true }} span={asking.data?.span} count={many}>
      {words}
    </RunsLink>
  );
  return (
    <Figure
      title="Time at a stage"
      says="From a run's start to its end, pauses taken off, of runs that passed or failed."
      asking={asking}
      rowsOf={({ rows }) => rows}
      isEmpty={({ rows }) => rows.length === 0}
      willCome="No run passed or failed in these days. Each is timed here when it ends."
      columns={[
        { words: "Stage", of: (row) => runs(row, row.stage) },
        { words: "Runs", right: true, of: (row) => runs(row, count(row.runs)) },
        { words: "Median", right: true, of: (row) => lasting(row.median_seconds) },
        { words: "95 % within", right: true, of: (row) => lasting(row.p95_seconds) },
        { words: "In all", right: true, of: (row) => lasting(row.total_seconds) },
      ]}
      keyOf={({ stage }) => stage}
      csv={csvPath("stages", asked)}
      chartWords={({ rows }) =>
        `Bars of times: ${rows.map((row) => `${row.stage} median ${lasting(row.median_seconds)}, 95 percent within ${lasting(row.p95_seconds)}`).join("; ")}.`
      }
      chart={({ rows }) => (
        <Bars
          lying
          by="stage"
          data={rows.map((row) => ({ stage: row.stage, median: row.median_seconds ?? 0, p95: row.p95_seconds ?? 0 }))}
          series={[
            { name: "median", words: "Median (the first bar)" },
            { name: "p95", words: "95 % within (the second, pale)", pale: true },
          ]}
          value={duration}
        />
      )}
    />
  );
}

export function Waiting({ asked }: { asked: Asked }) {
  const now = useNow(60);
  return (
    <Figure
      title="Waiting for people"
      says="How long tasks and plans waited for a person, by reason: waits that ended in these days, whole."
      asking={useWaiting(asked)}
      rowsOf={({ rows }) => rows}
      isEmpty={({ rows }) => rows.length === 0}
      willCome="Nothing waited for you in these days. What does counts here once it is decided."
      columns={[
        { words: "Waits for", of: ({ reason }) => reasonWords(reason) },
        { words: "Times", right: true, of: ({ waits }) => count(waits) },
        { words: "Median", right: true, of: (row) => lasting(row.median_seconds) },
        { words: "95 % within", right: true, of: (row) => lasting(row.p95_seconds) },
        { words: "In all", right: true, of: (row) => lasting(row.total_seconds) },
        { words: "Waits now", right: true, of: ({ open }) => count(open) },
        {
          words: "The first since",
          right: true,
          of: ({ open_since: since }) => (since === null ? "–" : duration(secondsBetween(since, now))),
        },
      ]}
      keyOf={({ reason }) => reason}
      csv={csvPath("waiting", asked)}
      head={({ total_seconds: seconds, waits, open }) =>
        `${duration(seconds)} in ${waits === 1 ? "1 wait" : `${count(waits)} waits`}${open > 0 ? `, ${count(open)} not over yet` : ""}`
      }
      chartWords={({ rows }) =>
        `Bars of time waited: ${rows.map((row) => `${reasonWords(row.reason)} ${lasting(row.total_seconds)}`).join(", ")}.`
      }
      chart={({ rows }) => (
        <Bars
          lying
          by="reason"
          data={rows.map((row) => ({ reason: reasonWords(row.reason), total: row.total_seconds }))}
          series={[{ name: "total", words: "In all" }]}
          value={duration}
        />
      )}
    />
  );
}
