import { Button, Group, Modal, Stack } from "@mantine/core";
import type { Consequence } from "./move";

/** Says what a move ends, before it does. */
export default function MoveDialog({
  consequence,
  answer,
}: {
  consequence: Consequence;
  answer: (yes: boolean) => void;
}) {
  return (
    <Modal opened onClose={() => answer(false)} title={consequence.title} size={420}>
      <Stack gap="md">
        <p>{consequence.sentence}</p>
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={() => answer(false)}>
            Leave it there
          </Button>
          <Button data-autofocus onClick={() => answer(true)}>
            {consequence.word}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
