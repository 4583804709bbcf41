import { Button, Group, NativeSelect } from "@mantine/core";
import { type SyntheticEvent, useEffect, useState } from "react";
import type { Project, ProjectPatch } from "../api/types";
import { Meanwhile } from "../draft/Meanwhile";
import { useBegun } from "../draft/useBegun";
import { ProblemNote } from "../problem/ProblemNote";
import { useEditProject, useProjects } from "../project/queries";
import { type Choice, choicesOf, plainOf } from "../role/draft";
import { ModelsFields } from "../role/ModelsFields";
import { useRoles } from "../role/queries";
import styles from "./Settings.module.css";
import { tellUndo } from "./tellUndo";

type Chosen = Record<string, unknown>;

/** A project's own order of models, for one role or for all that have none. */
export function ProjectModels() {
  const projects = useProjects();
  const roles = useRoles();
  const [chosen, setChosen] = useState<number | null>(null);
  const [role, setRole] = useState("default");
  const [unsaved, setUnsaved] = useState(false);
  const project = projects.data?.find(({ id }) => id === chosen) ?? projects.data?.[0];
  if (project === undefined)
    return <p className={styles.hint}>A project has an order of its own here once there is one.</p>;
  return (
    <section className={styles.row} aria-label="A project's models">
      <div className={styles.fields}>
        <NativeSelect
          label="In the project"
          data={(projects.data ?? []).map(({ id, name }) => ({ value: String(id), label: name }))}
          value={String(project.id)}
          disabled={unsaved}
          onChange={(event) => setChosen(Number(event.currentTarget.value))}
        />
        <NativeSelect
          label="for"
          data={[
            { value: "default", label: "every role without a choice of its own" },
            ...(roles.data ?? []).map(({ name, title }) => ({ value: name, label: title })),
          ]}
          value={role}
          disabled={unsaved}
          description={unsaved ? "Save or cancel the order below first." : undefined}
          onChange={(event) => setRole(event.currentTarget.value)}
        />
      </div>
      <Order key={`${project.id}.${role}`} project={project} role={role} tellUnsaved={setUnsaved} />
    </section>
  );
}

const orderWords = (order: Choice[]): string => order.map(({ model }) => model).join(", then ") || "none of its own";

interface OrderProps {
  project: Project;
  role: string;
  tellUnsaved: (unsaved: boolean) => void;
}

function Order({ project, role, tellUnsaved }: OrderProps) {
  const kept = (project.settings["models"] ?? {}) as Chosen;
  const before = choicesOf(kept[role]);
  const save = useEditProject(project.id);
  const form = useBegun(before, save.isPending);
  useEffect(() => tellUnsaved(form.changed), [form.changed, tellUnsaved]);
  const put = (version: number, choices: Choice[]) => {
    const rest = Object.fromEntries(Object.entries(kept).filter(([name]) => name !== role));
    const named = choices.filter(({ model }) => model.trim() !== "");
    const own = named.length === 0 ? rest : { ...rest, [role]: plainOf(named) };
    return { version, settings: { ...project.settings, models: own } } as unknown as ProjectPatch; // only what is named changes
  };
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!form.changed || form.overtaken) return;
    const back = (version: number) => save.mutateAsync(put(version, before));
    save.mutateAsync(put(project.version, form.values)).then(
      ({ version }) => {
        form.saved();
        tellUndo(`${project.name}: saved.`, () => back(version), "As it was before.");
      },
      () => undefined, // shown below, where it stands
    );
  };
  return (
    <form className={styles.section} onSubmit={send} aria-label="The order">
      <ModelsFields
        models={form.values}
        change={form.put}
        legend="The order"
        none="None of the project's own: the role's choice holds, else the default model."
      />
      {save.isError && !form.overtaken && <ProblemNote error={save.error} />}
      {form.overtaken && (
        <Meanwhile mine={form.mine} theirs={form.drop}>
          The order was changed meanwhile. Now: <b>{orderWords(before)}</b>. Yours, not saved:{" "}
          <b>{orderWords(form.values)}</b>.
        </Meanwhile>
      )}
      {form.changed && !form.overtaken && (
        <div className={styles.means}>
          <p>It holds for runs that begin from now on; those under way keep what they began with.</p>
          <Group gap="xs">
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
            <Button variant="default" onClick={form.drop}>
              Cancel
            </Button>
          </Group>
        </div>
      )}
    </form>
  );
}
