import { Button, Group, TextInput } from "@mantine/core";
import { useState } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./Deploy.module.css";
import { useStoreCredential } from "./queries";

interface Props {
  close: () => void;
  stored: (name: string) => void;
}

/** A secret for the hub to keep: encrypted, and never shown again. It stands within another form, so it is none. */
export function NewSecret({ close, stored }: Props) {
  const [provider, setProvider] = useState("");
  const [label, setLabel] = useState("");
  const [value, setValue] = useState("");
  const store = useStoreCredential(stored);
  const lacks = !provider.trim() || !label.trim() || !value;
  return (
    <div
      role="group"
      aria-label="Store a new secret"
      className={styles.storing}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.target instanceof HTMLButtonElement) return;
        event.preventDefault();
        if (!lacks && !store.isPending) store.mutate({ provider: provider.trim(), label: label.trim(), value });
      }}
    >
      <Group gap="xs" grow>
        <TextInput
          label="Of whom"
          placeholder="site"
          maxLength={100}
          autoFocus
          value={provider}
          onChange={(event) => setProvider(event.currentTarget.value)}
        />
        <TextInput
          label="What"
          placeholder="token"
          maxLength={200}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
      </Group>
      <TextInput
        label="Value"
        description="Kept encrypted; the hub never shows it again."
        type="password"
        autoComplete="off"
        maxLength={65_536}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      {store.isError && <ProblemNote error={store.error} />}
      <Group gap="xs" justify="flex-end">
        <Button size="xs" variant="default" onClick={close}>
          Not now
        </Button>
        <Button
          size="xs"
          disabled={lacks}
          loading={store.isPending}
          onClick={() => store.mutate({ provider: provider.trim(), label: label.trim(), value })}
        >
          Store it
        </Button>
      </Group>
    </div>
  );
}
