import styles from "./FirstRun.module.css";
import type { Tried } from "./queries";

/** What came of asking a provider. */
export function TriedNote({ tried }: { tried: Tried }) {
  return (
    <p className={styles.state} data-tone={tried.ok ? "ok" : "bad"} role={tried.ok ? "status" : "alert"}>
      {tried.sentence} {!tried.ok && tried.way_out}
    </p>
  );
}
