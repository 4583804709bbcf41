import { useLiveState } from "../live/LiveProvider";
import styles from "./ConnectionNote.module.css";

/** Says so when what is shown may be old. */
export function ConnectionNote() {
  const state = useLiveState();
  return (
    <div role="status" className={styles.place}>
      {state === "reconnecting" && (
        <p className={styles.note}>The line to the hub is cut. Reconnecting … what you see may be old.</p>
      )}
    </div>
  );
}
