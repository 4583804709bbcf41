import { Button, Group, Progress } from "@mantine/core";
import type { Clone } from "../api/types";
import { tellProblem } from "../problem/tell";
import { sizeWords } from "../proof/words";
import styles from "./Found.module.css";
import { useCancelClone } from "./places";

/** A clone under way: what git is at, how far, how much has come. */
export function CloneProgress({ clone }: { clone: Clone }) {
  const cancel = useCancelClone();
  const phase = clone.phase || "Connecting";
  return (
    <div className={styles.progress}>
      <p>
        <span role="status">{phase} …</span>
        <span>
          {clone.percent !== null && `${clone.percent} % · `}
          {sizeWords(clone.bytes)}
        </span>
      </p>
      <Progress
        value={clone.percent ?? 100}
        animated={clone.percent === null}
        aria-label={`${phase} ${clone.url}`}
        transitionDuration={200}
      />
      <Group justify="space-between" gap="xs">
        <code className={styles.facts}>{clone.workspace_path}</code>
        <Button
          variant="default"
          loading={cancel.isPending}
          onClick={() => cancel.mutate(clone.id, { onError: tellProblem })}
        >
          Cancel the clone
        </Button>
      </Group>
    </div>
  );
}
