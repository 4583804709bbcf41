import { SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { go } from "../place/usePlace";
import styles from "./Metrics.module.css";
import { datesOf, PRESETS, USUAL } from "./span";
import { dayIn } from "./words";

const OWN = "own";
const SIX_DAYS_MS = 6 * 24 * 3_600_000; // with today they are a week
const TYPING_MS = 600;

/** The days that all figures are of. They stand in the address. */
export function SpanChoice({ span, zone }: { span: string | null; zone: string }) {
  const dates = datesOf(span);
  const choose = (value: string) => {
    const first = new Date(Date.now() - SIX_DAYS_MS);
    const own = value === OWN ? `${dayIn(zone, first)}..${dayIn(zone, new Date())}` : value;
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
      {dates && <Dates dates={dates} />}
    </div>
  );
}

/** A year is typed digit by digit, and each of them is a date: the figures wait until the person is done. */
function Dates({ dates: [first, last] }: { dates: [string, string] }) {
  const [typed, setTyped] = useState<{ first: string; last: string } | null>(null); // null: what the address says
  const shown = typed ?? { first, last };
  const settle = useDebouncedCallback((now: typeof shown) => {
    if (!now.first || !now.last) return;
    go({ span: `${now.first}..${now.last}` }, "replace");
    setTyped(null);
  }, TYPING_MS);
  const change = (part: Partial<typeof shown>) => {
    const now = { ...shown, ...part };
    setTyped(now);
    settle(now);
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
