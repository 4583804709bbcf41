import type { ReactNode } from "react";
import { linkTo, usePlace } from "../place/usePlace";
import styles from "./Metrics.module.css";
import { runsBehind } from "./runsLink";

interface Props {
  behind: Parameters<typeof runsBehind>[0];
  span: Parameters<typeof runsBehind>[1] | undefined;
  /** How many there are: nothing leads to none. */
  count: number;
  children: ReactNode;
}

/** A figure that leads to the runs it counts. */
export function RunsLink({ behind, span, count, children }: Props) {
  const place = usePlace();
  if (span === undefined || count === 0) return children;
  return (
    <a className={styles.behind} {...linkTo(place, runsBehind(behind, span))}>
      {children}
    </a>
  );
}
