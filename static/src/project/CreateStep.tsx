import { Anchor, Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { asProblem } from "../api/problem";
import type { Preview } from "../api/types";
import { go, linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { bodyOf, type Fields, NEW } from "./fields";
import found_styles from "./Found.module.css";
import { corrections, type Found, foundOf } from "./found";
import { FoundFields } from "./FoundFields";
import { GitFields } from "./GitFields";
import styles from "./ProjectForm.module.css";
import { useNewProject } from "./queries";

const NEEDS_CONSENT = ["workspace_uncommitted", "workspace_dirty"];

interface Props {
  preview: Preview;
  url: string;
  name: string;
  close: () => void;
  back: () => void;
}

/** What was found in the folder, to be corrected, and what making the project does to it. */
export function CreateStep({ preview, url, name, close, back }: Props) {
  const place = usePlace();
  const [fields, setFields] = useState<Fields>({ ...NEW, name, default_branch: preview.branch ?? "" });
  const [found, setFound] = useState(() => foundOf(preview.settings));
  const [dirty, setDirty] = useState(false);
  const create = useNewProject();
  const set = (some: Partial<Fields>) => setFields({ ...fields, ...some });
  const asksConsent =
    preview.dirty_count > 0 || (create.isError && NEEDS_CONSENT.includes(asProblem(create.error).code));
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    const asked = bodyOf(fields, preview.workspace_path, dirty);
    const settings = { ...asked.settings, ...corrections(preview.settings, found) };
    const more = { ...(Object.keys(settings).length > 0 && { settings }), ...(url && { repository_url: url }) };
    create.mutate(
      { ...asked, ...more },
      {
        onSuccess: (project) => {
          close();
          go({ project: project.id, view: "board", task: null });
          tellDone(`${project.name} is there, in ${project.workspace_path}.`);
        },
      },
    );
  };
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
          autoFocus
          required
        />
        <div className={found_styles.will}>
          {preview.will.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
        {preview.projects.map((one) => (
          <p key={one.id} className={found_styles.warn} role="note">
            <Anchor inherit {...linkTo(place, { project: one.id, view: "board", task: null })}>
              {one.name} ({one.key})
            </Anchor>{" "}
            has this folder already. Two projects on one folder merge into the same branch.
          </p>
        ))}
        <FoundFields
          settings={preview.settings}
          found={found}
          set={(some: Partial<Found>) => setFound({ ...found, ...some })}
        />
        <details className={styles.more}>
          <summary>Branch, merges and pushes</summary>
          <GitFields fields={fields} set={set} isNew />
        </details>
        {asksConsent && (
          <Checkbox
            label={
              preview.dirty_count > 0
                ? `Take it with ${preview.dirty_count} uncommitted ${preview.dirty_count === 1 ? "file" : "files"}: they stay where they are, the team does not see them`
                : "Take it as it is: uncommitted changes stay where they are, the team does not see them"
            }
            description={preview.dirty.slice(0, 5).join(", ")}
            checked={dirty}
            onChange={(event) => setDirty(event.currentTarget.checked)}
          />
        )}
        {create.isError && <ProblemNote error={create.error} />}
        <Group justify="space-between" gap="xs">
          <Button variant="default" onClick={back}>
            Back
          </Button>
          <Button
            type="submit"
            loading={create.isPending}
            disabled={!fields.name.trim() || (preview.dirty_count > 0 && !dirty)}
          >
            Create project
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
