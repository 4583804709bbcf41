import styles from "./Control.module.css";
import { useAllWord, usePauses } from "./queries";

/** One press stops every agent; it stands where it can't be overlooked. */
export function PauseAll() {
  const { data } = usePauses();
  const say = useAllWord();
  if (data === undefined) return null;
  const verb = data.everything ? "resume" : "pause";
  return (
    <button
      type="button"
      className={styles.all}
      data-paused={data.everything || undefined}
      disabled={say.isPending}
      aria-label={verb === "pause" ? "Pause all" : "Resume all"}
      title={verb === "pause" ? "Every agent stands still; nothing begins" : "All go on where they were"}
      onClick={() => say.mutate(verb)}
    >
      {verb === "pause" ? "Pause" : "Resume"}
      <span className={styles.long}> all</span>
    </button>
  );
}
