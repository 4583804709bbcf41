import { Button, Group, Modal, Stack } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Project, ProjectPatch } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { corrections, type Found, foundOf } from "./found";
import styles from "./Found.module.css";
import { FoundFields } from "./FoundFields";
import { useDiscover } from "./places";
import { useEditProject } from "./queries";

/** What was found in a project's files, corrected or looked at again. */
export default function FoundDialog({ project, close }: { project: Project; close: () => void }) {
  const [base, setBase] = useState(project);
  const [found, setFound] = useState(() => foundOf(project.settings));
  const save = useEditProject(project.id);
  const again = useDiscover(project.id);
  const settings = corrections(base.settings, found);
  const busy = save.isPending || again.isPending; // then the newer version is one's own
  const overtaken = !busy && project.version !== base.version;
  const take = (newer: Project) => {
    setBase(newer);
    setFound(foundOf(newer.settings));
    save.reset();
  };
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (settings === null || overtaken) return;
    const patch = { version: base.version, settings } as ProjectPatch; // only what is named changes
    save.mutate(patch, {
      onSuccess: ({ name }) => {
        close();
        tellDone(`${name} is saved. Runs from now on go by it.`);
      },
    });
  };
  return (
    <Modal opened onClose={close} title={`What was found in ${project.name}`}>
      <form onSubmit={send}>
        <Stack gap="sm">
          <FoundFields
            settings={base.settings}
            found={found}
            set={(some: Partial<Found>) => setFound({ ...found, ...some })}
          />
          {save.isError && !overtaken && <ProblemNote error={save.error} />}
          {again.isError && <ProblemNote error={again.error} />}
          {overtaken && (
            <div className={styles.warn} role="alert">
              <p>It was changed meanwhile. Yours was not saved.</p>
              <Button onClick={() => take(project)}>Take the newer one</Button>
            </div>
          )}
          <Group justify="space-between" gap="xs">
            <Button
              variant="default"
              loading={again.isPending}
              disabled={settings !== null || overtaken}
              title="Your commands stay; what was found is read anew from the files."
              onClick={() => again.mutate({ version: base.version, recipe: false }, { onSuccess: take })}
            >
              Look again
            </Button>
            <Group gap="xs">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={save.isPending} disabled={settings === null || overtaken}>
                Save
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
