import { Button, CopyButton } from "@mantine/core";
import styles from "./FirstRun.module.css";

const COMMAND = "./start.sh demo";

/** The demo is begun in a terminal: it brings its own scripted model up. */
export function Demo() {
  return (
    <div className={styles.form}>
      <p>
        The demo carries a request to merged commits in a sample project. Its model is scripted: a file is played, no AI
        thinks. Aider, git, the tests and the scanners are real. No key, card or account is needed.
      </p>
      <p className={styles.command}>
        <code>{COMMAND}</code>
        <CopyButton value={COMMAND}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </p>
      <p className={styles.hint}>In a terminal, in the folder of Workflow Hub. The project appears here by itself.</p>
    </div>
  );
}
