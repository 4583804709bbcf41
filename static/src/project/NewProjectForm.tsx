import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { asProblem } from "../api/problem";
import { go } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { bodyOf, type Fields, NEW } from "./fields";
import { GitFields } from "./GitFields";
import styles from "./ProjectForm.module.css";
import { useNewProject } from "./queries";

const NEEDS_CONSENT = "workspace_uncommitted";

export default function NewProjectForm({ close }: { close: () => void }) {
  const [fields, setFields] = useState(NEW);
  const [path, setPath] = useState("");
  const [dirty, setDirty] = useState(false);
  const create = useNewProject();
  const set = (some: Partial<Fields>) => setFields({ ...fields, ...some });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    create.mutate(bodyOf(fields, path, dirty), {
      onSuccess: (project) => {
        close();
        go({ project: project.id, view: "board", task: null });
        tellDone(`${project.name} is there, in ${project.workspace_path}.`);
      },
    });
  };
  const asksConsent = dirty || (create.isError && asProblem(create.error).code === NEEDS_CONSENT);
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          placeholder="Till register"
          value={fields.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          maxLength={120}
          data-autofocus
          required
        />
        <TextInput
          label="Folder of the workspace"
          description="An absolute path, or a name under the hub's workspaces. A folder that is missing or has no git is made ready."
          placeholder="till-register"
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          required
        />
        <details className={styles.more}>
          <summary>Branch, merges and pushes</summary>
          <GitFields fields={fields} set={set} isNew />
        </details>
        {asksConsent && (
          <Checkbox
            label="Take it as it is: uncommitted changes stay where they are, the team does not see them"
            checked={dirty}
            onChange={(event) => setDirty(event.currentTarget.checked)}
          />
        )}
        {create.isError && <ProblemNote error={create.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!fields.name.trim() || !path.trim()}>
            Create project
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
