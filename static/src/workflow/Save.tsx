import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import type { Workflow, WorkflowChecked } from "../api/types";
import { go } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone, tellProblem } from "../problem/tell";
import styles from "../settings/Settings.module.css";
import { tellUndo } from "../settings/tellUndo";
import { type usePutWorkflow, useWorkflow } from "./queries";
import { type User, useTaking, useUsers } from "./users";
import { inFlightWords } from "./words";

interface Props {
  put: ReturnType<typeof usePutWorkflow>;
  workflow: Workflow | null;
  base: number;
  source: string;
  checked: WorkflowChecked | null;
  /** Called with what is kept now. */
  saved: (made: Workflow) => void;
}

/** What saving means is said before: who keeps what, and which projects take the new version. */
export function Save({ put, workflow, base, source, checked, saved }: Props) {
  const take = useTaking();
  const users = useUsers(workflow);
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const name = checked?.name ?? null;
  const own = workflow !== null && workflow.project_id !== null;
  const another = workflow !== null && name !== null && name !== workflow.name.split("@")[0];
  const taking = another || own ? [] : users.filter(({ project }) => !left.has(project.id));
  const busy = put.isPending || take.isPending;
  const save = () => {
    const body = { source, file: workflow?.file || "workflow.yaml", based_on: another ? 0 : base };
    put.mutate(
      { ...body, project_id: own && !another ? workflow.project_id : null },
      {
        onSuccess: (made) => {
          saved(made);
          if (workflow?.name !== made.name) go({ workflow: made.name }, "replace");
          void follow(made);
        },
      },
    );
  };
  const follow = async (made: Workflow) => {
    if (workflow === null || another) {
      tellDone(`${made.name} is kept as version ${made.version}.`);
      return;
    }
    try {
      const took = await take.mutateAsync(taking.map((user) => ({ user, name: made.name, version: made.version })));
      tellUndo(`Saved as version ${made.version}.`, () => undo(made, took));
    } catch (error) {
      tellProblem(error);
    }
  };
  /** The text before as the next version, and each project back on the version that it had. */
  const undo = async (made: Workflow, took: User[]) => {
    if (workflow === null) return;
    try {
      await put.mutateAsync({
        source: workflow.source,
        file: workflow.file,
        based_on: made.version,
        project_id: workflow.project_id,
      });
      await take.mutateAsync(took.map((user) => ({ user, name: workflow.name, version: user.workflowVersion })));
      tellDone(`What version ${made.version} changed is taken back.`);
    } catch (error) {
      tellProblem(error);
    }
  };
  return (
    <section className={styles.row} aria-label="Save it">
      <p>{another ? <Another name={name} /> : inFlightWords(workflow, own)}</p>
      {!another && !own && users.length > 0 && (
        <fieldset style={{ border: 0, margin: 0, padding: 0, display: "grid", gap: 6 }}>
          <legend>New tasks of these projects go through it from now on:</legend>
          {users.map(({ project, workflowVersion }) => (
            <Checkbox
              key={project.id}
              label={`${project.name} (now version ${workflowVersion})`}
              checked={!left.has(project.id)}
              onChange={(event) => {
                const next = new Set(left);
                if (event.currentTarget.checked) next.delete(project.id);
                else next.add(project.id);
                setLeft(next);
              }}
            />
          ))}
        </fieldset>
      )}
      {put.isError && <ProblemNote error={put.error} />}
      <div>
        <Button onClick={save} disabled={checked?.valid !== true} loading={busy}>
          {workflow === null || another ? "Save it" : `Save as version ${workflow.version + 1}`}
        </Button>
      </div>
    </section>
  );
}

function Another({ name }: { name: string }) {
  const there = useWorkflow(name);
  return there.data
    ? `The text names ${name}, which there is already: choose another name, or edit that one.`
    : `The text names ${name}: it is kept as a workflow of its own, and nothing goes through it yet.`;
}
