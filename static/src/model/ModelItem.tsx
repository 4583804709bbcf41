import { Button, Group } from "@mantine/core";
import { useState } from "react";
import type { ModelHere, ModelJob, ProviderModels } from "../api/types";
import { ago } from "../clock/words";
import { useNow } from "../clock/useNow";
import page from "../theme/Page.module.css";
import { linkTo, usePlace } from "../place/usePlace";
import { tellProblem } from "../problem/tell";
import { Tag } from "../tag/Tag";
import { FitBar } from "./FitBar";
import styles from "./Models.module.css";
import { useAskForJob } from "./queries";
import { RemoveModel } from "./RemoveModel";
import { Result } from "./Result";
import { doingWords, fitTag, isLive, loadedWords, sizeWords, tokensWords } from "./words";

interface Props {
  model: ModelHere;
  provider: ProviderModels;
  jobs: ModelJob[];
}

const KNOWN = { packaged: "as packaged", probe: "as tried out", person: "as you said", setting: "by MODEL_PROFILES" };

export function ModelItem({ model, provider, jobs }: Props) {
  const [removing, setRemoving] = useState(false);
  const place = usePlace();
  const now = useNow(60);
  const ask = useAskForJob();
  const live = jobs.find(isLive);
  const last = (kind: ModelJob["kind"]) => jobs.find((job) => job.kind === kind && job.result !== null);
  const begin = (kind: ModelJob["kind"]) => ask.mutate({ kind, model: model.name }, { onError: tellProblem });
  const facts = [
    model.bytes > 0 ? sizeWords(model.bytes) : "",
    model.parameters && model.parameters !== "0" && `${model.parameters} parameters`,
    model.quantization,
    model.modified_at && Date.parse(model.modified_at) > 0 && `fetched ${ago(model.modified_at, now)}`,
  ];
  return (
    <article className={styles.model} aria-label={model.name}>
      <header className={page.head}>
        <h3 className={styles.name}>{model.name}</h3>
        {model.loaded && <Tag tone="accent">{loadedWords(model.loaded)}</Tag>}
        {model.fit && <Tag tone={fitTag(model.fit)[1]}>{fitTag(model.fit)[0]}</Tag>}
      </header>
      <p className={page.facts}>{facts.filter(Boolean).join(" · ")}</p>
      {model.fit ? <FitBar fit={model.fit} /> : provider.own && <p className={page.hint}>{model.fit_fault}</p>}
      {model.fit && (
        <p className={page.hint}>
          {model.largest_context === null
            ? "It does not fit with any context: a part of it runs on the processor, slowly."
            : `The largest context that fits is ${tokensWords(model.largest_context)} tokens.`}
        </p>
      )}
      <p className={page.facts}>
        {`Runs get ${tokensWords(model.profile.context_tokens)} tokens, edits as ${model.profile.edit_format}`}
        {able("tools", model.profile.tools)}
        {able("JSON schemas", model.profile.json_schema)}
        {able("pictures", model.profile.vision)}
        {` (${KNOWN[model.known_from]})`}
        {model.profile.licence && ` · ${model.profile.licence}`}
      </p>
      {(["bench", "probe"] as const).map((kind) => {
        const job = last(kind);
        return job && <Result key={kind} job={job} />;
      })}
      <div className={page.acts}>
        {provider.own && (
          <>
            <Button size="compact-xs" variant="default" disabled={live !== undefined} onClick={() => begin("bench")}>
              Measure
            </Button>
            <Button size="compact-xs" variant="default" disabled={live !== undefined} onClick={() => begin("probe")}>
              Try out
            </Button>
          </>
        )}
        <Button
          size="compact-xs"
          variant="subtle"
          component="a"
          {...linkTo(place, { part: "traffic", asked: { model: model.name } })}
        >
          Traffic
        </Button>
        {provider.fetches && (
          <Button size="compact-xs" variant="subtle" color="red" onClick={() => setRemoving(true)}>
            Remove …
          </Button>
        )}
        {live && <Group className={page.hint}>{doingWords(live.kind)} …</Group>}
      </div>
      {removing && <RemoveModel model={model} close={() => setRemoving(false)} />}
    </article>
  );
}

/** Nobody has looked: nothing is said. */
function able(what: string, known: boolean | null): string {
  if (known === null) return "";
  return known ? `, ${what}` : `, no ${what}`;
}
