import { Button } from "@mantine/core";
import { useState } from "react";
import { Choosing } from "./Choosing";
import { ImportView } from "./ImportView";
import { Preview } from "./Preview";
import { useForgetTheirs, useUnderWay } from "./queries";
import styles from "./Tracker.module.css";
import type { StepProps } from "./Wizard";

interface Props extends StepProps {
  mapping: number;
}

/** The tasks: chosen, looked at once more, brought in. */
export function TasksStep({ draft, set, mapping }: Props) {
  const [looking, setLooking] = useState(false);
  const forget = useForgetTheirs();
  const underWay = useUnderWay(mapping).data ?? null;
  const begun = (id: number) => {
    setLooking(false);
    set({ begun: id });
  };
  const again = (change: { chosen?: string[] }) => {
    forget();
    set({ ...change, begun: null });
  };
  if (draft.begun !== null)
    return (
      <ImportView key={draft.begun} id={draft.begun} draft={draft} mapping={mapping} again={again} begun={begun} />
    );
  return (
    <>
      {underWay?.id != null && (
        <p className={styles.acts} role="status">
          An import of this project is under way.
          <Button variant="default" onClick={() => begun(underWay.id ?? 0)}>
            Follow it
          </Button>
        </p>
      )}
      {looking ? (
        <Preview draft={draft} mapping={mapping} back={() => setLooking(false)} begun={begun} />
      ) : (
        <Choosing draft={draft} set={set} mapping={mapping} look={() => setLooking(true)} />
      )}
    </>
  );
}
