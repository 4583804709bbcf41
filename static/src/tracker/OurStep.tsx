import { Button, Skeleton } from "@mantine/core";
import type { SyntheticEvent } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import { useProjects } from "../project/queries";
import { Tag } from "../tag/Tag";
import { Option } from "./Option";
import { useTie, useTies } from "./queries";
import styles from "./Tracker.module.css";
import { toStep, TrackerTrouble } from "./TrackerTrouble";
import type { StepProps } from "./Wizard";

/** Where the tasks shall come. */
export function OurStep({ draft, set, newProject }: StepProps & { newProject: () => void }) {
  const projects = useProjects();
  const ties = useTies().data ?? [];
  const tie = useTie();
  const chosen = projects.data?.find(({ id }) => id === draft.project);
  const next = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!chosen || draft.credential === null || draft.theirs === null) return;
    tie.mutate(
      { credential_id: draft.credential, external_id: draft.theirs.id, project_id: chosen.id },
      {
        onSuccess: ({ id }) => {
          set({ mapping: id });
          toStep("tasks");
        },
      },
    );
  };
  if (projects.isPending) return <Skeleton height={160} radius={8} aria-label="Loading" />;
  if (projects.isError) return <ProblemNote error={projects.error} again={() => void projects.refetch()} />;
  const tiedTo = new Set(
    ties
      .filter(({ provider, external_id }) => provider === draft.provider && external_id === draft.theirs?.id)
      .map(({ project_id }) => project_id),
  );
  return (
    <form onSubmit={next} className={styles.form}>
      {projects.data.length === 0 && <p className={styles.hint}>There is no project yet: make one for these tasks.</p>}
      <fieldset className={styles.options}>
        <legend className="wf-hidden">Your project</legend>
        {projects.data.map(({ id, name, workspace_path }) => (
          <Option
            key={id}
            group="ours"
            value={String(id)}
            chosen={draft.project === id}
            choose={() => {
              set({ project: id });
              tie.reset();
            }}
            name={
              <>
                {name} {tiedTo.has(id) && <Tag tone="accent">tied already</Tag>}
              </>
            }
          >
            {workspace_path}
          </Option>
        ))}
      </fieldset>
      <p className={styles.hint}>Tasks begin in its backlog, those that are done there too: nothing runs by itself.</p>
      {tie.isError && <TrackerTrouble error={tie.error} at="ours" />}
      <p className={styles.acts}>
        <Button type="submit" disabled={!chosen} loading={tie.isPending}>
          Tie them together
        </Button>
        <Button variant="default" onClick={newProject}>
          New project
        </Button>
      </p>
    </form>
  );
}
