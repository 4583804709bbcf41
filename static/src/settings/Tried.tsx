import type { ProviderTried } from "../api/types";
import styles from "./Settings.module.css";

const SHOWN = 12;

/** What came of asking a provider for its models. */
export function Tried({ tried: { ok, sentence, way_out, models, milliseconds } }: { tried: ProviderTried }) {
  const more = models.length - SHOWN;
  return (
    <div className={styles.tried} data-ok={ok} role="status">
      <p>
        {sentence} {way_out} ({Math.round(milliseconds)} ms)
      </p>
      {models.length > 0 && (
        <p className={styles.address}>
          {models.slice(0, SHOWN).join(", ")}
          {more > 0 && ` and ${more} more`}
        </p>
      )}
    </div>
  );
}
