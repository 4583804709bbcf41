import { Button, Checkbox, Group, NumberInput, Radio, Stack, Textarea } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Project } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { useEditProject } from "../project/queries";
import styles from "./Deploy.module.css";
import { type Grants, grantsOf, lackIn, patchOf } from "./grants";
import { SecretFields } from "./SecretFields";

type Lines = "env" | "network" | "paths" | "test_network";

const LINES: { name: Lines; label: string; description: string }[] = [
  { name: "env", label: "Variables", description: "NAME=value, one a line. No secrets here: they would be shown." },
  {
    name: "network",
    label: "Hosts it may reach",
    description: "example.org or example.org:443, one a line; * is the whole network. Without any it has no network.",
  },
  { name: "paths", label: "Folders it may write", description: "Absolute, one a line, such as /srv/site." },
  {
    name: "test_network",
    label: "Hosts the tests behind it may reach",
    description: "For the commands of the stages after the deploy.",
  },
];

/** The deploy command and what it is granted. A newer version of somebody else's is never saved over unseen. */
export function GrantsForm({ project, close }: { project: Project; close: () => void }) {
  const [base, setBase] = useState(project);
  const [grants, setGrants] = useState(() => grantsOf(project.settings));
  const save = useEditProject(project.id);
  const set = (some: Partial<Grants>) => setGrants({ ...grants, ...some });
  const lack = lackIn(grants);
  const overtaken = project.version !== base.version;
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (lack !== null || overtaken || save.isPending) return;
    save.mutate(patchOf(base, grants), {
      onSuccess: () => {
        close();
        tellDone("It is saved. Deploys from now on go by it.");
      },
    });
  };
  return (
    <form onSubmit={send} aria-label="Deploy command and grants">
      <Stack gap="sm">
        <Textarea
          label="Deploy command"
          description="Run after each merge, in a clean checkout of the merged commit. Empty: nothing is deployed."
          classNames={{ input: styles.code }}
          autosize
          minRows={2}
          maxRows={10}
          maxLength={20_000}
          value={grants.command}
          onChange={(event) => set({ command: event.currentTarget.value })}
        />
        <NumberInput
          label="Ended after so many seconds"
          min={1}
          max={86_400}
          allowDecimal={false}
          value={grants.timeout}
          onChange={(value) => set({ timeout: typeof value === "number" ? value : "" })}
        />
        <SecretFields secrets={grants.secrets} set={(secrets) => set({ secrets })} />
        {LINES.map(({ name, label, description }) => (
          <Textarea
            key={name}
            label={label}
            description={description}
            classNames={{ input: styles.code }}
            autosize
            minRows={1}
            maxRows={8}
            value={grants[name]}
            onChange={(event) => set({ [name]: event.currentTarget.value })}
          />
        ))}
        <Checkbox
          label="Cut off in the middle, it may be run again without asking"
          description="Only where running it twice does no harm."
          checked={grants.repeatable}
          onChange={(event) => set({ repeatable: event.currentTarget.checked })}
        />
        <Radio.Group
          label="When its command fails"
          value={grants.on_failure}
          onChange={(value) => set({ on_failure: value === "person" ? "person" : "dev" })}
        >
          <Stack gap={6} mt={4}>
            <Radio size="xs" value="dev" label="it goes back to DEV with the log" />
            <Radio size="xs" value="person" label="you are asked first" />
          </Stack>
        </Radio.Group>
        {lack && (
          <p role="status" className={styles.none}>
            {lack}
          </p>
        )}
        {save.isError && !overtaken && <ProblemNote error={save.error} />}
        {overtaken && (
          <div role="alert" className={styles.overtaken}>
            <p>The project was changed meanwhile. Yours was not saved.</p>
            <Group gap="xs">
              <Button size="xs" onClick={() => setBase(project)}>
                Go on with mine
              </Button>
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  setGrants(grantsOf(project.settings));
                  setBase(project);
                }}
              >
                Take the newer one
              </Button>
            </Group>
          </div>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Back
          </Button>
          <Button type="submit" loading={save.isPending} disabled={lack !== null || overtaken}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
