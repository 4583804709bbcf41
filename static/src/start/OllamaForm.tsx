import { Button, Group, Skeleton, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import { Fetching } from "./Fetching";
import styles from "./FirstRun.module.css";
import { ModelList } from "./ModelList";
import { useInstalled, useKeep, useProviders, useTry } from "./queries";
import { TriedNote } from "./TriedNote";

const NAME = "ollama";

/** The address of an Ollama: tried, kept, and what it has. */
export function OllamaForm() {
  const providers = useProviders();
  const models = useInstalled();
  const provider = providers.data?.find((one) => one.name === NAME);
  const [typed, setTyped] = useState<string | null>(null);
  const attempt = useTry();
  const keep = useKeep();
  const url = typed ?? provider?.url ?? "";
  const moved = provider !== undefined && url.trim() !== "" && url.trim() !== provider.url;
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (moved)
      keep.mutate({ name: NAME, version: provider.version, url: url.trim() }, { onSuccess: () => setTyped(null) });
  };
  const tried = keep.data?.tested ?? attempt.data;
  const has = models.data?.providers.find((one) => one.name === NAME);
  if (providers.isPending) return <Skeleton height={80} radius={8} />;
  if (providers.isError) return <ProblemNote error={providers.error} again={() => void providers.refetch()} />;
  return (
    <div className={styles.form}>
      <form onSubmit={send} className={styles.form}>
        <TextInput
          label="Address"
          description="A hub in containers sees this machine as http://host.docker.internal:11434."
          placeholder="http://127.0.0.1:11434"
          maxLength={500}
          value={url}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            attempt.reset();
            keep.reset();
          }}
        />
        <Group gap="xs">
          <Button
            variant="default"
            loading={attempt.isPending}
            disabled={!url.trim()}
            onClick={() => attempt.mutate({ name: NAME, url: url.trim(), protocol: "ollama", local: false })}
          >
            Test it
          </Button>
          <Button type="submit" loading={keep.isPending} disabled={!moved}>
            Use this address
          </Button>
        </Group>
        {tried && <TriedNote tried={tried} />}
        {attempt.isError && <ProblemNote error={attempt.error} />}
        {keep.isError && <ProblemNote error={keep.error} />}
      </form>
      {has?.answers && models.data && <ModelList models={has.models} chosen={models.data.default_model} />}
      {has?.answers && has.fetches && models.data && <Fetching models={models.data} provider={has} />}
    </div>
  );
}
