import type { OutsideItem } from "../api/types";
import styles from "./Tracker.module.css";
import { FIELD_WORDS } from "./words";

/** Where both sides changed the same: theirs, and yours that stays. Both are shown as they are, as text. */
export function Differs({ differs }: { differs: OutsideItem["differs"] }) {
  return (
    <div className={styles.differs}>
      {differs.map(({ field, theirs, ours }) => (
        <section key={field} aria-label={FIELD_WORDS[field] ?? field}>
          <p className={styles.told}>{FIELD_WORDS[field] ?? field}</p>
          <dl>
            <div>
              <dt>Theirs</dt>
              <dd tabIndex={0}>{theirs}</dd>
            </div>
            <div>
              <dt>Yours, which stays</dt>
              <dd tabIndex={0}>{ours}</dd>
            </div>
          </dl>
        </section>
      ))}
    </div>
  );
}
