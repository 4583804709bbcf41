import { Button, Group } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { asProblem } from "../api/problem";
import type { Setting } from "../api/types";
import { Meanwhile } from "../draft/Meanwhile";
import { ProblemNote } from "../problem/ProblemNote";
import { useChange, useUndo, type Value } from "./queries";
import { SettingInput } from "./SettingInput";
import styles from "./Settings.module.css";
import { tellUndo } from "./tellUndo";
import { SETTINGS, sourceWords, valueWords } from "./words";

interface Begun {
  value: Value;
  /** What held when it was begun. */
  before: Value;
}

/** One setting: what holds, where that comes from, and what a change means before it is saved. */
export function SettingRow({ setting, version }: { setting: Setting; version: number }) {
  const { name, value, source, effect } = setting;
  const [begun, setBegun] = useState<Begun | null>(null);
  const change = useChange();
  const undo = useUndo();
  const drafted = begun !== null && begun.value !== value;
  const overtaken = drafted && begun.before !== value;
  const put = (next: Value) => {
    change.reset();
    setBegun({ value: next, before: begun?.before ?? value });
  };
  const save = (next: Value | undefined) =>
    change.mutate(
      { version, name, value: next },
      {
        onSuccess: (now) => {
          setBegun(null);
          if (now.version === version) return;
          tellUndo(
            `${SETTINGS[name].label}: saved.`,
            () => undo.mutateAsync({ version: now.version, undo: now.version }),
            `${SETTINGS[name].label} is as it was before.`,
          );
        },
      },
    );
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (drafted && !overtaken) save(begun.value);
  };
  const stale = change.isError && asProblem(change.error).status === 409;
  return (
    <form className={styles.row} onSubmit={send} aria-label={SETTINGS[name].label}>
      <SettingInput setting={setting} value={begun === null ? value : begun.value} change={put} />
      <p className={styles.source}>
        <span>{sourceWords(setting)}</span>
        {source === "database" && !drafted && (
          <Button size="compact-xs" variant="subtle" loading={change.isPending} onClick={() => save(undefined)}>
            Back to .env<span className="wf-hidden">: {SETTINGS[name].label}</span>
          </Button>
        )}
      </p>
      {overtaken && (
        <Meanwhile mine={() => setBegun({ value: begun.value, before: value })} theirs={() => setBegun(null)}>
          It was changed meanwhile. Now: <b>{valueWords(value, name)}</b>. Yours, not saved:{" "}
          <b>{valueWords(begun.value, name)}</b>.
        </Meanwhile>
      )}
      {drafted && !overtaken && (
        <div className={styles.means}>
          <p>{effect}</p>
          <Group gap="xs">
            <Button type="submit" loading={change.isPending}>
              Save
            </Button>
            <Button variant="default" onClick={() => setBegun(null)}>
              Cancel
            </Button>
          </Group>
        </div>
      )}
      {change.isError && !stale && <ProblemNote error={change.error} />}
      {stale && !overtaken && (
        <p className={styles.hint} role="alert">
          Other settings were changed meanwhile. Look at them, then save again.
        </p>
      )}
    </form>
  );
}
