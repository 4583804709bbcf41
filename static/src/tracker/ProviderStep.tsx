import { Button, Skeleton } from "@mantine/core";
import type { SyntheticEvent } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import { Option } from "./Option";
import { useTrackers } from "./queries";
import styles from "./Tracker.module.css";
import { toStep } from "./TrackerTrouble";
import type { StepProps } from "./Wizard";

/** Where the tasks lie. */
export function ProviderStep({ draft, set }: StepProps) {
  const trackers = useTrackers();
  const next = (event: SyntheticEvent) => {
    event.preventDefault();
    if (draft.provider !== null) toStep("sign-in");
  };
  if (trackers.isPending) return <Skeleton height={220} radius={8} aria-label="Loading" />;
  if (trackers.isError) return <ProblemNote error={trackers.error} again={() => void trackers.refetch()} />;
  return (
    <form onSubmit={next} className={styles.form}>
      <fieldset className={styles.options}>
        <legend className="wf-hidden">Tracker</legend>
        {trackers.data.map(({ name, title, available, sentence }) => (
          <Option
            key={name}
            group="tracker"
            value={name}
            chosen={draft.provider === name}
            off={!available}
            choose={() => set({ provider: name })}
            name={
              <>
                {title} {!available && <Tag>not available yet</Tag>}
              </>
            }
          >
            {available ? sentence : null}
          </Option>
        ))}
      </fieldset>
      <p className={styles.acts}>
        <Button type="submit" disabled={draft.provider === null}>
          Next
        </Button>
      </p>
    </form>
  );
}
