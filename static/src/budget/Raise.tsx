import { Button, NumberInput } from "@mantine/core";
import { useState } from "react";
import type { UsedUp } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import styles from "./Raise.module.css";
import { useRaise } from "./queries";
import { dollars, standing, suggested, tooLittle } from "./words";

const SHOWN = 5;

/** What a used up budget stops, and the field that raises it. */
export function Raise({ budget }: { budget: UsedUp }) {
  const [amount, setAmount] = useState<number | string>(() => suggested(budget));
  const raise = useRaise(budget);
  const usd = typeof amount === "number" ? amount : null;
  const fault = tooLittle(usd, budget);
  const send = () => {
    if (usd !== null && usd > budget.limit_usd) raise.mutate(usd);
  };
  return (
    <div className={styles.raise}>
      <p className={styles.standing}>{standing(budget)}</p>
      <Waits budget={budget} />
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <NumberInput
          aria-label="May cost, in US dollars"
          className={styles.field ?? ""}
          prefix="$"
          min={0}
          max={1e12}
          decimalScale={4}
          allowNegative={false}
          hideControls
          value={amount}
          onChange={setAmount}
        />
        <Button type="submit" loading={raise.isPending} disabled={usd === null || usd <= budget.limit_usd}>
          {usd === null ? "Raise it" : `Raise to ${dollars(usd)}`}
        </Button>
        <span className={styles.note} role="status">
          {fault}
        </span>
      </form>
    </div>
  );
}

function Waits({ budget }: { budget: UsedUp }) {
  const place = usePlace();
  const more = budget.waits.length - SHOWN;
  return (
    <ul className={styles.waits}>
      {budget.waits.slice(0, SHOWN).map((one) => (
        <li key={one.run_id}>
          {one.task_id === null ? (
            one.title
          ) : (
            <a {...linkTo(place, { task: one.task_id, tab: "runs", run: null })}>{one.title}</a>
          )}
          <span className={styles.needs}>
            {one.stage.toUpperCase()}, next call up to {dollars(one.needs_usd)}
          </span>
        </li>
      ))}
      {more > 0 && <li className={styles.needs}>and {more} more</li>}
    </ul>
  );
}
