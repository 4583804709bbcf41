import type { ReactNode } from "react";
import styles from "./Tracker.module.css";

interface Props {
  group: string;
  value: string;
  chosen: boolean;
  off?: boolean;
  choose: () => void;
  name: ReactNode;
  children?: ReactNode;
}

/** One of several, of which one is chosen. */
export function Option({ group, value, chosen, off = false, choose, name, children }: Props) {
  return (
    <label className={styles.option} data-off={off || undefined}>
      <input type="radio" name={group} value={value} checked={chosen} disabled={off} onChange={choose} />
      <span className={styles.optionName}>{name}</span>
      {children && <span className={styles.hint}>{children}</span>}
    </label>
  );
}
