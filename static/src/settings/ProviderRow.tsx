import { Button } from "@mantine/core";
import { useState } from "react";
import type { Provider } from "../api/types";
import { Tag } from "../tag/Tag";
import { EditProvider } from "./EditProvider";
import { useTestAgain } from "./providers";
import { Revoke } from "./Revoke";
import styles from "./Settings.module.css";
import { Tried } from "./Tried";
import { addressWords, keyWords, stateWords, usedByWords } from "./words";

export function ProviderRow({ provider }: { provider: Provider }) {
  const [editing, setEditing] = useState(false);
  const [revoking, setRevoking] = useState(false);
  const test = useTestAgain(provider.name);
  const { name, url, kind, enabled, source, used_by: uses } = provider;
  const state = stateWords(provider);
  return (
    <section className={styles.row} aria-label={`Provider ${name}`}>
      <div className={styles.head}>
        <h3 className={styles.name}>{name}</h3>
        <Tag tone={state.tone}>{state.words}</Tag>
        {kind === "scripted" && <Tag tone="wait">plays a script, is no AI</Tag>}
        <span className={styles.acts}>
          <Button
            size="compact-xs"
            variant="default"
            disabled={!enabled}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            Test<span className="wf-hidden"> {name}</span>
          </Button>
          {kind !== "scripted" && (
            <Button
              size="compact-xs"
              variant="default"
              aria-expanded={editing}
              onClick={() => {
                test.reset();
                setEditing(!editing);
              }}
            >
              {enabled ? "Edit" : "Set a key"}
              <span className="wf-hidden"> {name}</span>
            </Button>
          )}
          {source === "database" && (
            <Button size="compact-xs" variant="default" color="red" onClick={() => setRevoking(true)}>
              {kind === "named" ? "Revoke" : "Back to .env"}
              <span className="wf-hidden"> {name}</span>
            </Button>
          )}
        </span>
      </div>
      <p className={styles.source}>
        <code className={styles.address}>{url}</code>
        <span>{[addressWords(provider), keyWords(provider)].join(" · ")}</span>
      </p>
      {test.data && !editing && <Tried tried={test.data} />}
      {uses.length > 0 && (
        <details>
          <summary className={styles.hint}>
            {uses.length === 1 ? "One choice names" : `${uses.length} choices name`} its models
          </summary>
          <ul className={styles.uses}>
            {uses.map((use) => (
              <li key={`${use.kind}${use.id}${use.name}`}>{usedByWords(use)}</li>
            ))}
          </ul>
        </details>
      )}
      {editing && <EditProvider provider={provider} close={() => setEditing(false)} />}
      {revoking && <Revoke provider={provider} close={() => setRevoking(false)} />}
    </section>
  );
}
