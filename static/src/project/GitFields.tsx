import { Checkbox, Radio, Stack, TextInput } from "@mantine/core";
import type { Fields } from "./fields";
import styles from "./ProjectForm.module.css";

const METHODS: { value: Fields["merge_method"]; label: string; hint: string }[] = [
  { value: "merge", label: "A merge commit", hint: "The branch's commits stay, joined by one more." },
  { value: "squash", label: "One commit per task", hint: "The branch's commits become one." },
  { value: "rebase", label: "A straight line", hint: "The branch's commits one by one, no merge commit." },
];

interface Props {
  fields: Fields;
  set: (some: Partial<Fields>) => void;
  isNew?: boolean;
}

/** How an approved change comes to the person's branch, and whether it goes on from there. */
export function GitFields({ fields, set, isNew = false }: Props) {
  return (
    <Stack gap="sm">
      <TextInput
        label="Branch that merges go to"
        description={isNew ? "Left empty, the one that is checked out." : undefined}
        required={!isNew}
        maxLength={240}
        value={fields.default_branch}
        onChange={(event) => set({ default_branch: event.currentTarget.value })}
      />
      <Radio.Group
        label="An approved change comes there as"
        value={fields.merge_method}
        onChange={(value) => set({ merge_method: value })}
      >
        <Stack gap={6} mt={4}>
          {METHODS.map(({ value, label, hint }) => (
            <Radio
              key={value}
              size="xs"
              classNames={{ radio: styles.radio }}
              value={value}
              label={label}
              description={hint}
            />
          ))}
        </Stack>
      </Radio.Group>
      <Checkbox
        label="Push each merge to a remote"
        description="By your own git, never by force. In containers it has no credentials of yours: push from your own checkout there."
        checked={fields.push}
        onChange={(event) => set({ push: event.currentTarget.checked })}
      />
      {fields.push && (
        <TextInput
          label="Remote"
          description="A name of `git remote` in the workspace."
          maxLength={100}
          required
          value={fields.remote}
          onChange={(event) => set({ remote: event.currentTarget.value })}
        />
      )}
    </Stack>
  );
}
