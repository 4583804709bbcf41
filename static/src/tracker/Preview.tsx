import { Button, Skeleton } from "@mantine/core";
import { useEffect, useEffectEvent } from "react";
import { Items } from "./Items";
import { useBegin, usePreview } from "./queries";
import styles from "./Tracker.module.css";
import { TrackerTrouble } from "./TrackerTrouble";
import type { StepProps } from "./Wizard";
import { sumWords, tasksWords, WOULD } from "./words";

interface Props extends Pick<StepProps, "draft"> {
  mapping: number;
  back: () => void;
  begun: (id: number) => void;
}

/** What the import would make, before it makes it. */
export function Preview({ draft, mapping, back, begun }: Props) {
  const preview = usePreview(mapping);
  const begin = useBegin(mapping);
  const { mutate } = preview;
  const look = useEffectEvent(() => mutate(draft));
  useEffect(() => look(), []);
  const items = preview.data?.items;
  const writes = items?.filter(({ verdict }) => verdict === "new" || verdict === "update").length ?? 0;
  return (
    <div className={styles.form}>
      {preview.isError && <TrackerTrouble error={preview.error} at="tasks" again={() => mutate(draft)} />}
      {!items && !preview.isError && <Skeleton height={200} radius={8} aria-label="Their tasks are read" />}
      {items && (
        <>
          <p className={styles.sum} role="status">
            {tasksWords(items.length)}: {sumWords(items, WOULD)}.
          </p>
          {writes === 0 && (
            <p className={styles.hint}>
              No task is made or changed.
              {(draft.comments || draft.files) && " Comments and files that are not here yet come along."}
            </p>
          )}
          <Items label="What it makes" items={items} said={WOULD} />
        </>
      )}
      {begin.isError && <TrackerTrouble error={begin.error} at="tasks" />}
      <p className={styles.acts}>
        <Button
          disabled={!items || items.length === 0}
          loading={begin.isPending}
          onClick={() => begin.mutate(draft, { onSuccess: ({ id }) => id !== null && begun(id) })}
        >
          {items ? `Import ${tasksWords(items.length)}` : "Import"}
        </Button>
        <Button variant="default" onClick={back}>
          Back to the choice
        </Button>
      </p>
    </div>
  );
}
