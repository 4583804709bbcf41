import type { Project } from "../api/types";
import { costWords } from "../frame/words";
import { foundOf } from "./found";
import { useCosts, useGitState } from "./places";
import styles from "./Projects.module.css";
import { useSummary } from "./queries";
import { countsWords } from "./words";

/** Name apart, all that a look at a project tells: where it lies, how git stands, who works, what it cost. */
export function ProjectFacts({ project }: { project: Project }) {
  const git = useGitState(project.id);
  const cost = useCosts().data?.get(project.id);
  const counts = useSummary().data?.projects.find((one) => one.id === project.id);
  const { language, test } = foundOf(project.settings);
  const told = git.isError ? "git could not be asked." : (git.data?.sentence ?? "Asking git …");
  return (
    <dl className={styles.facts}>
      <dt>Folder</dt>
      <dd className={styles.path}>{project.workspace_path}</dd>
      <dt>Git</dt>
      <dd data-bad={git.data?.fault != null || undefined}>
        {told} {git.data?.fault ? git.data.fault.way_out : `Merges go to ${project.default_branch}.`}
      </dd>
      {counts && (
        <>
          <dt>Work</dt>
          <dd>{countsWords(counts)}</dd>
        </>
      )}
      <dt>Cost</dt>
      <dd>
        {costWords(cost?.spent_usd ?? 0)}
        {cost?.limit_usd != null && ` of ${costWords(cost.limit_usd)}`}
      </dd>
      <dt>Found</dt>
      <dd>
        {language || "No code yet"}
        {test ? (
          <>
            , tests by <code>{test}</code>
          </>
        ) : (
          ", no test command"
        )}
      </dd>
    </dl>
  );
}
