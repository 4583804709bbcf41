import { Skeleton } from "@mantine/core";
import { gone } from "../api/problem";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "../role/Roles.module.css";
import { Tag } from "../tag/Tag";
import { NEW } from "./draft";
import { Editor } from "./Editor";
import { useWorkflow } from "./queries";
import { WorkflowVersions } from "./WorkflowVersions";

/** One workflow: its text, its stages, who goes through it, and how it came about. */
export function WorkflowView({ name }: { name: string }) {
  const workflow = useWorkflow(name);
  return (
    <Page label={`Workflow ${name}`}>
      {workflow.isPending && <Skeleton height={520} radius={8} />}
      {workflow.isError && (
        <ProblemNote
          error={gone(workflow.error, "The link may be old. All workflows are in the list.")}
          again={() => void workflow.refetch()}
        />
      )}
      {workflow.data && (
        <>
          <h1 className={styles.title}>
            {workflow.data.title} <Tag>version {workflow.data.version}</Tag>
          </h1>
          <Editor name={name} workflow={workflow.data} />
          <WorkflowVersions workflow={workflow.data} />
        </>
      )}
    </Page>
  );
}

/** A text that is kept nowhere yet. */
export function NewWorkflow() {
  return (
    <Page label="New workflow">
      <h1 className={styles.title}>
        New workflow <Tag tone="wait">not saved</Tag>
      </h1>
      <Editor name={NEW} workflow={null} />
    </Page>
  );
}

function Page({ label, children }: { label: string; children: React.ReactNode }) {
  const place = usePlace();
  return (
    <article className={styles.page} style={{ padding: 0, width: "100%" }} aria-label={label}>
      <a className={styles.back} {...linkTo(place, { workflow: null })}>
        ← All workflows
      </a>
      {children}
    </article>
  );
}
