import { ActionIcon, Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./Deploy.module.css";
import type { Secret } from "./grants";
import { NewSecret } from "./NewSecret";
import { useCredentials } from "./queries";

interface Props {
  secrets: Secret[];
  set: (secrets: Secret[]) => void;
}

/** Stored credentials by the variable that holds them. Their values are never shown. */
export function SecretFields({ secrets, set }: Props) {
  const stored = useCredentials();
  const [storing, setStoring] = useState(false);
  const names = stored.data?.map(({ provider, label }) => `${provider}/${label}`) ?? [];
  const change = (at: number, some: Partial<Secret>) =>
    set(secrets.map((one, i) => (i === at ? { ...one, ...some } : one)));
  return (
    <fieldset className={styles.secrets}>
      <legend>Secrets</legend>
      <p className={styles.none}>Each is given to the command as a variable, and taken out of its log.</p>
      {stored.isError && <ProblemNote error={stored.error} again={() => void stored.refetch()} />}
      {secrets.map((secret, at) => (
        <Group key={at} gap="xs" wrap="nowrap">
          <TextInput
            aria-label={`Variable of secret ${at + 1}`}
            placeholder="SITE_TOKEN"
            className={styles.grow}
            maxLength={100}
            value={secret.variable}
            onChange={(event) => change(at, { variable: event.currentTarget.value })}
          />
          <NativeSelect
            aria-label={`Stored secret ${at + 1}`}
            className={styles.grow}
            data={[
              { value: "", label: "Choose …" },
              ...[...new Set([...names, ...(secret.name ? [secret.name] : [])])].map((name) => ({
                value: name,
                label: names.includes(name) ? name : `${name} (not stored any more)`,
              })),
            ]}
            value={secret.name}
            onChange={(event) => change(at, { name: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Take secret ${at + 1} away`}
            onClick={() => set(secrets.filter((_, i) => i !== at))}
          >
            ✕
          </ActionIcon>
        </Group>
      ))}
      <Group gap="xs">
        {names.length > 0 && (
          <Button size="compact-xs" variant="default" onClick={() => set([...secrets, { variable: "", name: "" }])}>
            Grant a secret
          </Button>
        )}
        {!storing && (
          <Button size="compact-xs" variant="subtle" onClick={() => setStoring(true)}>
            Store a new one …
          </Button>
        )}
      </Group>
      {storing && (
        <NewSecret
          close={() => setStoring(false)}
          stored={(name) => {
            setStoring(false);
            set([...secrets, { variable: "", name }]);
          }}
        />
      )}
    </fieldset>
  );
}
