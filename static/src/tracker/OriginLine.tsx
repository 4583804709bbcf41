import type { Origin } from "../api/types";
import { useNow } from "../clock/useNow";
import { ago, clock } from "../clock/words";
import styles from "./Tracker.module.css";
import { safeLink } from "./words";

/** Where a task was brought in from. */
export function OriginLine({ origin }: { origin: Origin }) {
  const now = useNow(60);
  const link = safeLink(origin.url);
  return (
    <p className={styles.origin}>
      <span>
        From {origin.title} · {origin.project}, brought in{" "}
        <time dateTime={origin.imported_at} title={clock(origin.imported_at)}>
          {ago(origin.imported_at, now)}
        </time>
      </span>
      {link !== null && (
        <a className={styles.link} href={link} target="_blank" rel="noreferrer">
          Open it there
        </a>
      )}
    </p>
  );
}
