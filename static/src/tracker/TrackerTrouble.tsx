import { Button } from "@mantine/core";
import { go } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import type { Step } from "./draft";
import styles from "./Tracker.module.css";
import { troubleOf, WAY_WORDS } from "./trouble";

export const toStep = (step: Step, how: "push" | "replace" = "push") => go({ view: "import", asked: { step } }, how);

/** What a tracker refused, and the step at which it is put right. */
export function TrackerTrouble({ error, at, again }: { error: unknown; at: Step; again?: () => void }) {
  const { problem, to } = troubleOf(error);
  const elsewhere = to !== null && to !== at ? to : null;
  return (
    <>
      <ProblemNote error={problem} again={again} />
      {elsewhere !== null && (
        <p className={styles.acts}>
          <Button variant="default" onClick={() => toStep(elsewhere)}>
            {WAY_WORDS[elsewhere]}
          </Button>
        </p>
      )}
    </>
  );
}
