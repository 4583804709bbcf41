import { Button, Group } from "@mantine/core";
import type { Workflow } from "../api/types";
import roles from "../role/Roles.module.css";
import styles from "./Workflow.module.css";

interface Props {
  workflow: Workflow;
  base: number;
  mine: () => void;
  theirs: () => void;
}

/** Somebody else saved a version meanwhile: both are there, and the person chooses. */
export function Overtaken({ workflow: { version, source }, base, mine, theirs }: Props) {
  return (
    <div className={roles.note} role="alert">
      <p>
        Version {version} was saved meanwhile; yours above was written from version {base}, and is not saved.
      </p>
      <details>
        <summary>Version {version}</summary>
        <pre className={styles.pre} tabIndex={0}>
          {source}
        </pre>
      </details>
      <Group gap="xs">
        <Button onClick={mine}>Go on with mine</Button>
        <Button variant="default" onClick={theirs}>
          Take the newer one
        </Button>
      </Group>
    </div>
  );
}
