import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { Bars } from "./Bars";
import { Figure } from "./Figure";
import { type Asked, csvPath, type RateBy, type RateRow, usePassRate, useRounds, useThroughput } from "./queries";
import { RunsLink } from "./RunsLink";
import { ENDED } from "./runsLink";
import { count, dayWords, NONE, percent } from "./words";

export function Throughput({ asked }: { asked: Asked }) {
  return (
    <Figure
      title="Tasks done"
      says="Tasks a day. One that was opened again and done once more counts on the last day."
      asking={useThroughput(asked)}
      rowsOf={({ rows }) => rows}
      isEmpty={({ done }) => done === 0}
      willCome="No task was done in these days. Each shows here on the day it is done."
      columns={[
        { words: "Day", of: ({ day }) => day },
        { words: "Tasks done", right: true, of: ({ done }) => count(done) },
      ]}
      keyOf={({ day }) => day}
      csv={csvPath("throughput", asked)}
      head={({ done, rows }) => `${count(done)} in all, ${(done / rows.length).toFixed(1)} a day`}
      chartWords={({ done, rows }) => `Bars of tasks done on each of ${rows.length} days, ${done} in all.`}
      chart={({ rows }) => (
        <Bars
          by="day"
          data={rows.map(({ day, done }) => ({ day: dayWords(day), done }))}
          series={[{ name: "done", words: "Tasks done" }]}
          value={count}
        />
      )}
    />
  );
}

export function Rounds({ asked }: { asked: Asked }) {
  return (
    <Figure
      title="Rounds of a task"
      says="Tasks by the rounds they took until they were done: 1 went through at once."
      asking={useRounds(asked)}
      rowsOf={({ rows }) => rows}
      isEmpty={({ tasks }) => tasks === 0}
      willCome="No task was done in these days. Each shows here with its rounds when it is done."
      columns={[
        { words: "Rounds", of: ({ rounds }) => rounds },
        { words: "Tasks", right: true, of: ({ tasks }) => count(tasks) },
      ]}
      keyOf={({ rounds }) => String(rounds)}
      csv={csvPath("rounds", asked)}
      head={({ median, p95 }) => `Median ${median}, 95 % within ${p95}`}
      chartWords={({ median, p95 }) => `Bars of tasks by rounds: median ${median}, 95 percent within ${p95}.`}
      chart={({ rows }) => (
        <Bars
          by="rounds"
          data={rows.map(({ rounds, tasks }) => ({ rounds: String(rounds), tasks }))}
          series={[{ name: "tasks", words: "Tasks" }]}
          value={count}
        />
      )}
    />
  );
}

const BY = [
  { value: "role", label: "Role" },
  { value: "model", label: "Model" },
  { value: "role_and_model", label: "Both" },
];

export function PassRate({ asked }: { asked: Asked }) {
  const [by, setBy] = useState<RateBy>("role");
  const asking = usePassRate({ ...asked, by });
  const runs = (row: RateRow, state: string, many: number, words = count(many)) => {
    const whose = { ...(by !== "model" && { role: row.role }), ...(by !== "role" && { model: row.model }) };
    return (
      <RunsLink behind={{ state, ...whose }} span={asking.data?.span} count={many}>
        {words}
      </RunsLink>
    );
  };
  const name = (row: RateRow) =>
    [by !== "model" && (row.role ?? NONE.role), by !== "role" && (row.model ?? NONE.model)].filter(Boolean).join(" · ");
  return (
    <Figure
      title="Pass rate"
      says="Share of runs that passed among those that passed or failed. Killed and lost runs do not count."
      asking={asking}
      choices={
        <SegmentedControl
          size="xs"
          aria-label="Pass rate by"
          value={by}
          onChange={(value) => setBy(value as RateBy)}
          data={BY}
        />
      }
      rowsOf={({ rows }) => rows}
      isEmpty={({ total }) => total.runs === 0}
      willCome="No run ended in these days. Each counts here when it ends."
      columns={[
        { words: by === "model" ? "Model" : "Role", of: (row) => runs(row, ENDED, row.runs, name(row)) },
        {
          words: "Pass rate",
          right: true,
          of: (row) => runs(row, "passed,failed", row.passed + row.failed, percent(row.pass_rate)),
        },
        { words: "Passed", right: true, of: (row) => runs(row, "passed", row.passed) },
        { words: "Failed", right: true, of: (row) => runs(row, "failed", row.failed) },
        { words: "Blocked", right: true, of: (row) => runs(row, "blocked", row.blocked) },
        { words: "Cancelled", right: true, of: (row) => runs(row, "cancelled", row.cancelled) },
        { words: "Lost", right: true, of: (row) => runs(row, "lost", row.lost) },
      ]}
      keyOf={(row) => `${row.role ?? ""}\n${row.model ?? ""}`}
      csv={csvPath("pass-rate", { ...asked, by })}
      head={({ total }) => `${percent(total.pass_rate)} of ${count(total.passed + total.failed)} runs`}
      chartWords={({ rows }) =>
        `Bars of pass rates: ${rows.map((row) => `${name(row)} ${percent(row.pass_rate)}`).join(", ")}.`
      }
      chart={({ rows }) => (
        <Bars
          lying
          by="name"
          most={1}
          data={rows.map((row) => ({ name: name(row), rate: row.pass_rate ?? 0 }))}
          series={[{ name: "rate", words: "Passed" }]}
          value={percent}
        />
      )}
    />
  );
}
