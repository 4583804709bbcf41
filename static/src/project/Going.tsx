import { Button, Checkbox, Group, Modal, Skeleton, Stack, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Project } from "../api/types";
import { go, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import styles from "./Found.module.css";
import { useGoing, useRemoval } from "./places";

interface Props {
  project: Project;
  what: "archive" | "delete";
  close: () => void;
}

/** What archiving or deleting means for this project, before it is done; deleting wants its key typed. */
export default function Going({ project, what, close }: Props) {
  const place = usePlace();
  const removal = useRemoval(project.id);
  const going = useGoing(project.id);
  const [force, setForce] = useState(false);
  const [typed, setTyped] = useState("");
  const running = removal.data?.running.length ?? 0;
  const ready = removal.data !== undefined && (running === 0 || force) && (what === "archive" || typed === project.key);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready) return;
    going.mutate(
      { what, force },
      {
        onSuccess: () => {
          close();
          if (place.project === project.id) go({ project: null, task: null });
          tellDone(what === "archive" ? `${project.name} is archived.` : `${project.name} is deleted.`);
        },
      },
    );
  };
  return (
    <Modal opened onClose={close} title={`${what === "archive" ? "Archive" : "Delete"} ${project.name}`}>
      <form onSubmit={send}>
        <Stack gap="sm">
          {removal.isPending && <Skeleton height={120} radius={8} />}
          {removal.isError && <ProblemNote error={removal.error} again={() => void removal.refetch()} />}
          <ul className={styles.means} aria-label="What it means">
            {removal.data?.[what].map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          {running > 0 && (
            <Checkbox
              label={running === 1 ? "Kill its live run" : `Kill its ${running} live runs`}
              checked={force}
              onChange={(event) => setForce(event.currentTarget.checked)}
            />
          )}
          {what === "delete" && (
            <TextInput
              label={`Type ${project.key} to delete it`}
              autoComplete="off"
              data-autofocus
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value.trim().toUpperCase())}
            />
          )}
          {going.isError && <ProblemNote error={going.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              type="submit"
              {...(what === "delete" && { color: "red" })}
              loading={going.isPending}
              disabled={!ready}
            >
              {what === "archive" ? "Archive it" : "Delete it"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
