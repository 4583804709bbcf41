import { useProject } from "../project/queries";
import styles from "./Control.module.css";
import { usePauses, useProjectWord } from "./queries";
import { bannerWords } from "./words";

/** Over all that is shown, while it stands still. What pauses everything resumes it too: the button in the top bar. */
export function PausedBanner() {
  const { data } = usePauses();
  const project = useProject();
  const one = useProjectWord(project?.id ?? 0);
  const words = data && bannerWords(data, project?.id ?? null);
  if (!words) return null;
  return (
    <p role="status" className={styles.banner}>
      <span>{words}</span>
      {!data.everything && project && (
        <button type="button" disabled={one.isPending} onClick={() => one.mutate("resume")}>
          Resume {project.name}
        </button>
      )}
    </p>
  );
}
