import { SegmentedControl, TextInput } from "@mantine/core";
import { useState } from "react";
import { go } from "../place/usePlace";
import styles from "./Metrics.module.css";
import { datesOf, PRESETS, USUAL } from "./span";
import { dayIn } from "./words";

const OWN = "own";
const WEEK_MS = 6 * 24 * 3_600_000;

/** The days that all figures are of. They stand in the address. */
export function SpanChoice({ span, zone }: { span: string | null; zone: string }) {
  const dates = datesOf(span);
  const choose = (value: string) => {
    const week = new Date(Date.now() - WEEK_MS);
    const own = value === OWN ? `${dayIn(zone, week)}..${dayIn(zone, new Date())}` : value;
    go({ span: own === USUAL ? null : own });
  };
  return (
    <div className={styles.span}>
      <SegmentedControl
        size="xs"
        aria-label="The days"
        value={dates ? OWN : (span ?? USUAL)}
        onChange={choose}
        data={[...PRESETS, { value: OWN, label: "Own dates" }]}
      />
      {dates && <Dates key={span} dates={dates} />}
    </div>
  );
}

function Dates({ dates: [first, last] }: { dates: [string, string] }) {
  const [shown, setShown] = useState({ first, last });
  const change = (part: Partial<typeof shown>) => {
    const now = { ...shown, ...part };
    setShown(now);
    if (now.first && now.last) go({ span: `${now.first}..${now.last}` }, "replace");
  };
  return (
    <>
      <TextInput
        size="xs"
        type="date"
        aria-label="First day"
        value={shown.first}
        onChange={(event) => change({ first: event.currentTarget.value })}
      />
      <span aria-hidden>–</span>
      <TextInput
        size="xs"
        type="date"
        aria-label="Last day"
        value={shown.last}
        onChange={(event) => change({ last: event.currentTarget.value })}
      />
    </>
  );
}
