import { Button, Group, Modal, Stack } from "@mantine/core";
import type { LogFacts } from "../api/types";
import { useClear } from "./queries";
import { nameOf, sizeWords } from "./words";

interface Props {
  log: LogFacts;
  close: () => void;
  cleared: () => void;
}

/** Says what is thrown away before it is. */
export default function ClearDialog({ log, close, cleared }: Props) {
  const clear = useClear(log.name, () => {
    cleared();
    close();
  });
  const files = log.files === 1 ? "its file" : `all ${log.files} files of it`;
  return (
    <Modal opened onClose={close} title={`Throw the log of ${nameOf(log.name)} away?`}>
      <Stack gap="sm">
        <p>
          {sizeWords(log.bytes)} in {files} are deleted from the disk, for everybody, and can&apos;t be brought back.
          The process writes on in an empty file. The history keeps that you did it. Runs, proofs and events are not
          touched.
        </p>
        <Group gap="xs" justify="flex-end">
          <Button component="a" variant="default" href={`/logs/${encodeURIComponent(log.name)}/download`} download>
            Download it first
          </Button>
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          <Button color="red.9" loading={clear.isPending} onClick={() => clear.mutate()}>
            Throw it away
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
