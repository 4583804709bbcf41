import { Skeleton } from "@mantine/core";
import { lazy } from "react";
import type { Workflow } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone, tellProblem } from "../problem/tell";
import { Versions } from "../role/Versions";
import { sourceOf, usePutWorkflow, useWorkflowDiff } from "./queries";

const Fields = lazy(() => import("../diff/Fields"));

export function WorkflowVersions({ workflow }: { workflow: Workflow }) {
  const put = usePutWorkflow();
  const { name, version, file, project_id } = workflow;
  const revert = async (to: number) => {
    try {
      const source = await sourceOf(name, to);
      const made = await put.mutateAsync({ source, file: file || "workflow.yaml", based_on: version, project_id });
      tellDone(`Version ${to} is back, as version ${made.version}. Projects take it when you say so.`);
    } catch (error) {
      tellProblem(error);
    }
  };
  return (
    <Versions
      key={version}
      of={`the workflow ${workflow.title}`}
      versions={workflow.versions
        .map((one) => ({ version: one.version, at: one.created_at, who: used(one.projects, one.open_tasks) }))
        .reverse()}
      changes={(from, to) => <Changes name={name} from={from} to={to} />}
      revert={(to) => void revert(to)}
      reverting={put.isPending}
    />
  );
}

function Changes({ name, from, to }: { name: string; from: number; to: number }) {
  const diff = useWorkflowDiff(name, from, to);
  if (diff.isPending) return <Skeleton height={80} radius={8} />;
  if (diff.isError) return <ProblemNote error={diff.error} again={() => void diff.refetch()} />;
  return <Fields fields={diff.data.text === "" ? [] : [{ name: "The text", diff: diff.data.text }]} />;
}

const used = (projects: number, tasks: number): string =>
  [
    projects > 0 && `${projects} project${projects === 1 ? "" : "s"}`,
    tasks > 0 && `${tasks} open task${tasks === 1 ? "" : "s"}`,
  ]
    .filter((part) => part !== false)
    .join(", ");
