import { Button, Skeleton } from "@mantine/core";
import type { SettingName } from "../api/types";
import { useNow } from "../clock/useNow";
import { ago, clock } from "../clock/words";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone, tellProblem } from "../problem/tell";
import { useSettings, useSettingVersions, useUndo } from "./queries";
import styles from "./Settings.module.css";
import { SETTINGS, valueWords } from "./words";

/** Each change of the hub's settings, and its way back. */
export default function Changed() {
  const versions = useSettingVersions();
  const settings = useSettings();
  const undo = useUndo();
  const now = useNow(30);
  const current = settings.data?.version;
  return (
    <div className={styles.section}>
      <h1 className={styles.title}>What was changed</h1>
      <p className={styles.lead}>
        The newest first. Taking a change back makes a new version; one that a later change stands on is refused.
        Providers, roles, principles and workflows have their own beside them.
      </p>
      {versions.isPending && <Skeleton height={200} radius={8} />}
      {versions.isError && <ProblemNote error={versions.error} again={() => void versions.refetch()} />}
      {versions.data?.length === 0 && (
        <p className={styles.hint}>Nothing yet: the environment and the defaults hold.</p>
      )}
      <ol className={styles.rows}>
        {versions.data?.map(({ version, fields, state, created_at, actor }) => (
          <li key={version} className={styles.row}>
            <div className={styles.head}>
              <b>Version {version}</b>
              <span className={styles.hint}>
                {actor} ·{" "}
                <time dateTime={created_at} title={clock(created_at)}>
                  {ago(created_at, now)}
                </time>
              </span>
              <span className={styles.acts}>
                <Button
                  size="compact-xs"
                  variant="default"
                  disabled={current === undefined}
                  loading={undo.isPending && undo.variables.undo === version}
                  onClick={() =>
                    current !== undefined &&
                    undo.mutate(
                      { version: current, undo: version },
                      {
                        onSuccess: () => tellDone(`What version ${version} changed is as it was before it.`),
                        onError: tellProblem,
                      },
                    )
                  }
                >
                  Take it back<span className="wf-hidden">: version {version}</span>
                </Button>
              </span>
            </div>
            <ul className={styles.uses}>
              {fields.map((field) => (
                <li key={field}>
                  {SETTINGS[field as SettingName].label}:{" "}
                  {field in state ? valueWords(state[field] ?? null, field as SettingName) : "back to the environment"}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </div>
  );
}
