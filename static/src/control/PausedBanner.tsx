import { useProject } from "../project/queries";
import styles from "./Control.module.css";
import { useAllWord, usePauses, useProjectWord } from "./queries";
import { bannerWords } from "./words";

/** Over all that is shown, while it stands still. */
export function PausedBanner() {
  const { data } = usePauses();
  const project = useProject();
  const all = useAllWord();
  const one = useProjectWord(project?.id ?? 0);
  const words = data && bannerWords(data, project?.id ?? null);
  if (!words) return null;
  const button = data.everything ? (
    <button type="button" disabled={all.isPending} onClick={() => all.mutate("resume")}>
      Resume all
    </button>
  ) : (
    project && (
      <button type="button" disabled={one.isPending} onClick={() => one.mutate("resume")}>
        Resume {project.name}
      </button>
    )
  );
  return (
    <p role="status" className={styles.banner}>
      <span>{words}</span>
      {button}
    </p>
  );
}
