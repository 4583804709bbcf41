import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Project } from "../api/types";
import { Meanwhile } from "../draft/Meanwhile";
import { withMine } from "../draft/merge";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { type Fields, fieldsOf, patchOf } from "./fields";
import { GitFields } from "./GitFields";
import styles from "./ProjectForm.module.css";
import { useEditProject } from "./queries";

interface Props {
  project: Project;
  opened: boolean;
  close: () => void;
}

/** A newer version of somebody else's is never saved over unseen. */
export default function EditProject({ project, opened, close }: Props) {
  const [base, setBase] = useState(project);
  const [fields, setFields] = useState(() => fieldsOf(project));
  const save = useEditProject(project.id);
  const set = (some: Partial<Fields>) => setFields({ ...fields, ...some });
  const patch = patchOf(base, fields);
  const overtaken = !save.isPending && project.version !== base.version; // while it is saved the newer one is one's own
  const take = (mine: boolean) => {
    save.reset();
    setFields(mine ? withMine(fieldsOf(base), fields, fieldsOf(project)) : fieldsOf(project));
    setBase(project);
  };
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (patch === null || overtaken) return;
    save.mutate(patch, {
      onSuccess: ({ name }) => {
        close();
        tellDone(`${name} is saved. Merges from now on go by it.`);
      },
    });
  };
  return (
    <Modal opened={opened} onClose={close} title={`Edit ${project.name}`}>
      <form onSubmit={send}>
        <Stack gap="sm">
          <TextInput
            label="Name"
            maxLength={120}
            required
            data-autofocus
            value={fields.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Textarea
            label="Environment"
            description="What agents are told of where it runs."
            autosize
            minRows={2}
            maxRows={8}
            maxLength={5_000}
            value={fields.environment}
            onChange={(event) => set({ environment: event.currentTarget.value })}
          />
          <GitFields fields={fields} set={set} />
          <p className={styles.place}>
            Workspace: <code>{project.workspace_path}</code>
          </p>
          {save.isError && !overtaken && <ProblemNote error={save.error} />}
          {overtaken && (
            <Meanwhile mine={() => take(true)} theirs={() => take(false)}>
              It was changed meanwhile. Yours was not saved.
            </Meanwhile>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={save.isPending}
              disabled={patch === null || overtaken || !fields.name.trim() || !fields.default_branch.trim()}
            >
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
