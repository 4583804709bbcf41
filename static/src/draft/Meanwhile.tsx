import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./Meanwhile.module.css";

interface Props {
  mine: () => void;
  theirs: () => void;
  /** What was changed, in words. */
  children: ReactNode;
}

/** Somebody else saved meanwhile: the person chooses before anything is saved over it. */
export function Meanwhile({ mine, theirs, children }: Props) {
  return (
    <div className={styles.note} role="alert">
      <p>{children}</p>
      <Group gap="xs">
        <Button onClick={mine}>Go on with mine</Button>
        <Button variant="default" onClick={theirs}>
          Take the newer one
        </Button>
      </Group>
    </div>
  );
}
