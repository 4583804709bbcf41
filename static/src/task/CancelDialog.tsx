import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Task } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { useCancelTask } from "./queries";

interface Props {
  task: Task;
  opened: boolean;
  close: () => void;
}

/** A task given up, with the reason kept. */
export function CancelDialog({ task, opened, close }: Props) {
  const [why, setWhy] = useState("");
  const cancel = useCancelTask(task.id, () => {
    close();
    tellDone(`${task.key} is given up.`);
  });
  return (
    <Modal opened={opened} onClose={close} title={`Give up ${task.key}?`}>
      <Stack gap="sm">
        <p>
          {task.state === "running" && "The run at work is stopped. "}Its branch, its proofs and its history stay; a
          move to another stage takes it up again.
        </p>
        <Textarea
          label="Why?"
          autosize
          minRows={2}
          maxLength={2_000}
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
        {cancel.isError && <ProblemNote error={cancel.error} />}
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button color="red" loading={cancel.isPending} onClick={() => cancel.mutate(why.trim())}>
            Give it up
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
