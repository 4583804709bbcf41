import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { Bars } from "./Bars";
import { Figure } from "./Figure";
import { type Asked, csvPath, type UsageBy, type UsageRow, useUsage } from "./queries";
import { count, dayWords, dollars, isGuessed, NONE, short } from "./words";

const BY: { value: UsageBy; label: string }[] = [
  { value: "day", label: "Day" },
  { value: "project", label: "Project" },
  { value: "stage", label: "Stage" },
  { value: "role", label: "Role" },
  { value: "model", label: "Model" },
];
const MOST_DRAWN = 20;
const money = (value: number): string => `$${value.toFixed(value !== 0 && Math.abs(value) < 1 ? 4 : 2)}`;

/** Cost and tokens are two units: each is a chart of its own, and both stand in the table. */
export function Costs({ asked }: { asked: Asked }) {
  const [by, setBy] = useState<UsageBy>("day");
  const [unit, setUnit] = useState("cost");
  const name = ({ key, name: called }: UsageRow) => called ?? key ?? NONE[by];
  return (
    <Figure
      title={unit === "cost" ? "Cost of models" : "Tokens of models"}
      says={`${unit === "cost" ? "US dollars" : "Tokens in and out"} of settled model calls. Deleted projects count: it was spent. ≈ marks what a provider did not tell and the hub estimated.`}
      asking={useUsage({ ...asked, by })}
      choices={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Cost or tokens"
            value={unit}
            onChange={setUnit}
            data={[
              { value: "cost", label: "Cost" },
              { value: "tokens", label: "Tokens" },
            ]}
          />
          <SegmentedControl size="xs" aria-label="Cost by" value={by} onChange={(value) => setBy(value)} data={BY} />
        </>
      }
      rowsOf={({ rows }) => rows}
      isEmpty={({ total }) => total.calls === 0}
      willCome="No model was asked in these days. Each call counts here when its answer is settled."
      columns={[
        { words: BY.find(({ value }) => value === by)?.label ?? "", of: name },
        { words: "Cost", right: true, of: (row) => `${isGuessed(row) ? "≈ " : ""}${dollars(row.cost_usd)}` },
        {
          words: "Estimated of it",
          right: true,
          of: (row) => (isGuessed(row) ? `${dollars(row.estimated_usd)} in ${count(row.estimated_calls)}` : "–"),
        },
        { words: "Tokens in", right: true, of: (row) => count(row.tokens_in) },
        { words: "Tokens out", right: true, of: (row) => count(row.tokens_out) },
        { words: "Calls", right: true, of: (row) => count(row.calls) },
      ]}
      keyOf={({ key }) => key ?? ""}
      csv={csvPath("usage", { ...asked, by })}
      head={({ total, rows }) =>
        [
          `${isGuessed(total) ? "≈ " : ""}${dollars(total.cost_usd)}`,
          `${count(total.tokens_in)} tokens in, ${count(total.tokens_out)} out, ${count(total.calls)} calls`,
          ...(isGuessed(total) ? [`${dollars(total.estimated_usd)} of it estimated`] : []),
          ...(by !== "day" && rows.length > MOST_DRAWN ? [`the first ${MOST_DRAWN} drawn, all in the table`] : []),
        ].join(" · ")
      }
      chartWords={({ total, rows }) =>
        `Bars of ${unit} by ${by}, ${rows.length} of them: ${dollars(total.cost_usd)}, ${total.tokens_in + total.tokens_out} tokens in all.`
      }
      chart={({ rows }) => (
        <Bars
          lying={by !== "day"}
          by="name"
          data={rows.slice(0, by === "day" ? rows.length : MOST_DRAWN).map((row) => ({
            name: by === "day" ? dayWords(row.key ?? "") : `${isGuessed(row) ? "≈ " : ""}${name(row)}`,
            cost: Number(row.cost_usd),
            in: row.tokens_in,
            out: row.tokens_out,
          }))}
          series={
            unit === "cost"
              ? [{ name: "cost", words: "US dollars" }]
              : [
                  { name: "in", words: "In (the first bar)" },
                  { name: "out", words: "Out (the second, pale)", pale: true },
                ]
          }
          value={unit === "cost" ? money : short}
        />
      )}
    />
  );
}
