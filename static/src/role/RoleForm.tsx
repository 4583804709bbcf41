import { Button, Group, Textarea, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Role } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { Tag } from "../tag/Tag";
import { type Draft, draftKept, draftOf, keepDraft, leftOf, patchOf, rebased } from "./draft";
import { LimitsFields } from "./LimitsFields";
import { ModelsFields } from "./ModelsFields";
import { useEditRole } from "./queries";
import { RightsFields } from "./RightsFields";
import styles from "./Roles.module.css";

const MAX_WORDS = 20_000;

/** Everything a person can say of a role. What was begun survives a reload; a newer version is never saved over unseen. */
export function RoleForm({ role }: { role: Role }) {
  const [begun, setBegun] = useState(() => draftKept(role.name));
  const save = useEditRole(role.name);
  const draft = begun ?? draftOf(role);
  const patch = begun === null ? null : patchOf(role, begun);
  const overtaken = begun !== null && patch !== null && begun.base !== role.version && !save.isPending; // else it is what is saved here
  const put = (next: Draft | null) => {
    setBegun(next);
    keepDraft(role.name, next === null || patchOf(role, next) === null ? null : next);
  };
  const set = (fields: Partial<Draft>) => put({ ...draft, ...fields });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (begun === null || patch === null || overtaken) return;
    save.mutate(patch, {
      onSuccess: (saved) => {
        put(leftOf(draftKept(role.name), begun, saved));
        tellDone(`Saved as version ${saved.version}. Runs that begin from now on use it.`);
      },
    });
  };
  return (
    <form className={styles.form} onSubmit={send} aria-label={`Edit ${role.title}`}>
      <TextInput
        label="Title"
        maxLength={60}
        required
        value={draft.title}
        onChange={(event) => set({ title: event.currentTarget.value })}
      />
      <Textarea
        label="Prompt"
        description="Who the agent is and what it does. It stands at the head of each of its prompts."
        autosize
        minRows={4}
        maxRows={24}
        maxLength={MAX_WORDS}
        required
        value={draft.prompt}
        onChange={(event) => set({ prompt: event.currentTarget.value })}
      />
      <Textarea
        label="Principles of its own"
        description="Beside those of all roles."
        autosize
        minRows={3}
        maxRows={24}
        maxLength={MAX_WORDS}
        value={draft.principles}
        onChange={(event) => set({ principles: event.currentTarget.value })}
      />
      <ModelsFields models={draft.models} change={(models) => set({ models })} />
      <LimitsFields settings={draft.settings} change={(settings) => set({ settings })} />
      <RightsFields settings={draft.settings} change={(settings) => set({ settings })} />
      {save.isError && !overtaken && <ProblemNote error={save.error} />}
      {overtaken && (
        <div className={styles.note} role="status">
          <p>
            Version {role.version} was saved meanwhile; yours began from version {begun.base}. Below you see what that
            version changed.
          </p>
          <Group gap="xs">
            <Button onClick={() => put(rebased(role, draft))}>Go on with mine</Button>
            <Button variant="default" onClick={() => put(null)}>
              Take version {role.version}
            </Button>
          </Group>
        </div>
      )}
      {patch !== null && !overtaken && (
        <div className={styles.save}>
          <Tag tone="wait">not saved</Tag>
          <Group gap="xs">
            <Button variant="default" onClick={() => put(null)}>
              Discard
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save as version {role.version + 1}
            </Button>
          </Group>
        </div>
      )}
    </form>
  );
}
