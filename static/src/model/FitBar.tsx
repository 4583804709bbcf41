import type { ModelFit } from "../api/types";
import styles from "./Models.module.css";
import { fitParts, fitWords } from "./words";

/** What a model takes of the card, part by part, drawn to scale; the words beside it say the same. */
export function FitBar({ fit }: { fit: ModelFit }) {
  const whole = Math.max(fit.total, fit.usable);
  return (
    <div className={styles.fit}>
      <div className={styles.bar} data-over={!fit.fits || undefined} aria-hidden>
        {fitParts(fit).map(({ name, bytes }, index) => (
          <span key={name} data-part={index} style={{ width: `${(bytes / whole) * 100}%` }} title={name} />
        ))}
        {!fit.fits && <i style={{ left: `${(fit.usable / whole) * 100}%` }} />}
      </div>
      <p className={styles.sum}>{fitWords(fit)}</p>
    </div>
  );
}
