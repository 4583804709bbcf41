import { Autocomplete, Button, Group, PasswordInput, Select, Skeleton } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import styles from "./FirstRun.module.css";
import { useDefaultModel, useKeep, useProviders } from "./queries";
import { TriedNote } from "./TriedNote";

/** A vendor's key: written once, tested as it is kept, never shown again. */
export function KeyForm() {
  const providers = useProviders();
  const vendors = providers.data?.filter((one) => one.kind === "vendor") ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [key, setKey] = useState("");
  const [model, setModel] = useState("");
  const keep = useKeep();
  const choose = useDefaultModel();
  const vendor = vendors.find((one) => one.name === chosen) ?? vendors[0];
  const tested = keep.data?.tested;
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (vendor && key.trim())
      keep.mutate({ name: vendor.name, version: vendor.version, key: key.trim() }, { onSuccess: () => setKey("") });
  };
  if (providers.isPending) return <Skeleton height={80} radius={8} />;
  if (providers.isError) return <ProblemNote error={providers.error} again={() => void providers.refetch()} />;
  return (
    <form onSubmit={send} className={styles.form}>
      <Group grow align="end" gap="sm">
        <Select
          label="Provider"
          data={vendors.map(({ name }) => name)}
          value={vendor?.name ?? null}
          allowDeselect={false}
          onChange={(name) => {
            setChosen(name);
            keep.reset();
          }}
        />
        <PasswordInput
          label="Key"
          placeholder={vendor?.has_key ? "One is kept" : ""}
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
      </Group>
      <p className={styles.hint}>It is kept encrypted, sent to this provider alone, and never shown again.</p>
      <Group gap="xs">
        <Button type="submit" loading={keep.isPending} disabled={!vendor || !key.trim()}>
          Save and test
        </Button>
      </Group>
      {tested && <TriedNote tried={tested} />}
      {keep.isError && <ProblemNote error={keep.error} />}
      {vendor?.has_key && (
        <Group align="end" gap="sm">
          <Autocomplete
            label="Model"
            placeholder="Its name there"
            data={tested?.ok ? tested.models : []}
            limit={30}
            value={model}
            onChange={setModel}
          />
          <Button
            variant="default"
            loading={choose.isPending}
            disabled={!model.trim()}
            onClick={() =>
              choose.mutate(`${vendor.name}/${model.trim()}`, {
                onSuccess: () => tellDone(`${vendor.name}/${model.trim()} answers from now on.`),
              })
            }
          >
            Use it
          </Button>
        </Group>
      )}
      {choose.isError && <ProblemNote error={choose.error} />}
    </form>
  );
}
