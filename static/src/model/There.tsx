import { NativeSelect, Skeleton } from "@mantine/core";
import { useState } from "react";
import type { ModelJob, ModelsThere, ProviderModels } from "../api/types";
import page from "../theme/Page.module.css";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import { FetchBox } from "./FetchBox";
import { Jobs } from "./Jobs";
import { ModelItem } from "./ModelItem";
import styles from "./Models.module.css";
import { useModelJobs, useModelsThere } from "./queries";
import { sizeWords, tokensWords } from "./words";

const CONTEXTS = [4_096, 8_192, 16_384, 32_768, 65_536, 131_072];

export function There() {
  const [context, setContext] = useState<number | null>(null);
  const there = useModelsThere(context);
  const jobs = useModelJobs();
  return (
    <>
      {there.data && <Card there={there.data} context={context} choose={setContext} />}
      {there.isPending && <Skeleton height={260} radius={8} aria-label="Loading" />}
      {there.isError && <ProblemNote error={there.error} again={() => void there.refetch()} />}
      {jobs.isError && <ProblemNote error={jobs.error} again={() => void jobs.refetch()} />}
      <Jobs jobs={jobs.data ?? []} />
      {there.data?.providers.map((provider) => (
        <Provider key={provider.name} provider={provider} jobs={jobs.data ?? []} offline={there.data.offline} />
      ))}
    </>
  );
}

interface CardProps {
  there: ModelsThere;
  context: number | null;
  choose: (context: number | null) => void;
}

function Card({ there: { card, offline }, context, choose }: CardProps) {
  return (
    <div className={page.head}>
      <p className={styles.card}>
        The card has {sizeWords(card.bytes)}, of which {sizeWords(card.usable)} may be used. A model takes its weights,
        a KV cache ({card.kv_type}) that grows with the context, compute buffers and what the driver takes.
        {offline && " The hub is offline: nothing is fetched, and only models of your own are asked."}
      </p>
      <NativeSelect
        size="xs"
        label="What fits with a context of"
        value={context ?? ""}
        onChange={(event) => choose(event.currentTarget.value ? Number(event.currentTarget.value) : null)}
        data={[
          { value: "", label: "what runs get" },
          ...CONTEXTS.map((tokens) => ({ value: String(tokens), label: `${tokensWords(tokens)} tokens` })),
        ]}
      />
    </div>
  );
}

interface ProviderProps {
  provider: ProviderModels;
  jobs: ModelJob[];
  offline: boolean;
}

function Provider({ provider, jobs, offline }: ProviderProps) {
  return (
    <section className={styles.provider} aria-labelledby={`provider-${provider.name}`}>
      <header className={page.head}>
        <h2 className={styles.heading} id={`provider-${provider.name}`}>
          {provider.name}
        </h2>
        <Tag>{provider.own ? "on your machines" : "elsewhere"}</Tag>
        {provider.scripted && <Tag tone="wait">plays a scenario, is no model</Tag>}
        {!provider.answers && <Tag tone="wait">does not answer</Tag>}
      </header>
      {!provider.answers && (
        <p className={page.hint} role="status">
          {provider.sentence} {provider.way_out}
        </p>
      )}
      {provider.fetches && provider.answers && <FetchBox provider={provider.name} offline={offline} />}
      {provider.answers && provider.models.length === 0 && (
        <p className={page.hint}>
          {provider.fetches ? "It has no model yet: fetch one by its name." : "It lists no models."}
        </p>
      )}
      <ul className={styles.list}>
        {provider.models.map((model) => (
          <li key={model.name}>
            <ModelItem model={model} provider={provider} jobs={jobs.filter((job) => job.model === model.name)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
