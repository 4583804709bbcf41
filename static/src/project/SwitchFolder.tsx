import { Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Project } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import styles from "./Found.module.css";
import { useForeseen, useSwitch } from "./places";

/** Another folder for a project: looked at first, then switched with a word for what is not as it was. */
export default function SwitchFolder({ project, close }: { project: Project; close: () => void }) {
  const [path, setPath] = useState("");
  const [branch, setBranch] = useState(project.default_branch);
  const [other, setOther] = useState(false);
  const [dirty, setDirty] = useState(false);
  const foresee = useForeseen(project.id);
  const change = useSwitch(project.id);
  const seen = foresee.data;
  const place = {
    workspace_path: path.trim(),
    ...(branch.trim() && branch.trim() !== project.default_branch && { default_branch: branch.trim() }),
  };
  const edit = (write: () => void) => {
    write();
    foresee.reset();
    change.reset();
    setOther(false);
    setDirty(false);
  };
  const ready = seen && (!seen.needs_word || other) && (seen.dirty.length === 0 || dirty);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!seen && path.trim()) foresee.mutate(place);
    if (!ready) return;
    change.mutate(
      { ...place, version: project.version, allow_dirty: dirty, other_repository: other },
      {
        onSuccess: ({ name, workspace_path }) => {
          close();
          tellDone(`${name} stands on ${workspace_path} now.`);
        },
      },
    );
  };
  return (
    <Modal opened onClose={close} title={`Another folder for ${project.name}`}>
      <form onSubmit={send}>
        <Stack gap="sm">
          <p className={styles.facts}>
            Now: <code>{project.workspace_path}</code>
          </p>
          <TextInput
            label="Folder"
            description="An absolute path, or a name under the hub's workspaces."
            maxLength={4_000}
            data-autofocus
            required
            value={path}
            onChange={(event) => edit(() => setPath(event.currentTarget.value))}
          />
          <TextInput
            label="Branch that merges go to"
            maxLength={240}
            required
            value={branch}
            onChange={(event) => edit(() => setBranch(event.currentTarget.value))}
          />
          {foresee.isError && <ProblemNote error={foresee.error} />}
          {seen && (
            <div className={seen.needs_word ? styles.warn : styles.will} role="status">
              {seen.sentences.map((sentence) => (
                <p key={sentence}>{sentence}</p>
              ))}
            </div>
          )}
          {seen?.needs_word && (
            <Checkbox
              label="This other repository is meant"
              checked={other}
              onChange={(event) => setOther(event.currentTarget.checked)}
            />
          )}
          {seen && seen.dirty.length > 0 && (
            <Checkbox
              label={`Take it with ${seen.dirty.length} uncommitted ${seen.dirty.length === 1 ? "file" : "files"}: they stay where they are`}
              description={seen.dirty.slice(0, 5).join(", ")}
              checked={dirty}
              onChange={(event) => setDirty(event.currentTarget.checked)}
            />
          )}
          {change.isError && <ProblemNote error={change.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={foresee.isPending || change.isPending}
              disabled={seen ? !ready : !path.trim() || !branch.trim()}
            >
              {seen ? "Switch" : "Look at it"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
