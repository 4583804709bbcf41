import { Button, Group, Modal, Stack } from "@mantine/core";
import { useState } from "react";
import type { TrackerTie } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import settings from "../settings/Settings.module.css";
import { useUntie } from "./queries";
import styles from "./Tracker.module.css";
import { tieWords } from "./words";

interface Props {
  label: string;
  ties: readonly TrackerTie[];
  /** Our projects' names by their ids. */
  names: ReadonlyMap<number, string>;
}

/** Which of their projects come into which of ours; each can be untied. */
export function Ties({ label, ties, names }: Props) {
  const [asking, setAsking] = useState<TrackerTie | null>(null);
  return (
    <>
      <ul className={settings.uses} aria-label={label}>
        {ties.map((tie) => (
          <li key={tie.id} className={styles.tie}>
            <span>{tieWords(tie, names)}</span>
            <Button size="compact-xs" variant="subtle" color="red" onClick={() => setAsking(tie)}>
              Untie<span className="wf-hidden"> {tieWords(tie, names)}</span>
            </Button>
          </li>
        ))}
      </ul>
      {asking && <Untie tie={asking} words={tieWords(asking, names)} close={() => setAsking(null)} />}
    </>
  );
}

function Untie({ tie, words, close }: { tie: TrackerTie; words: string; close: () => void }) {
  const untie = useUntie(tie.id, () => {
    tellDone(`${words}: untied.`);
    close();
  });
  return (
    <Modal opened onClose={close} title={`Untie ${words}?`}>
      <Stack gap="sm">
        <p>
          What was imported stays, but forgets where it came from. If you tie the two again later, an import makes the
          same tasks a second time.
        </p>
        {untie.isError && <ProblemNote error={untie.error} />}
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          <Button color="red" loading={untie.isPending} onClick={() => untie.mutate()}>
            Untie
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
