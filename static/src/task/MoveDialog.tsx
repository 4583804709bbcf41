import { Button, Group, Modal, Radio, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Task } from "../api/types";
import { useStages } from "../board/queries";
import { ProblemNote } from "../problem/ProblemNote";
import { useMove } from "./queries";
import { moveMeans } from "./words";

interface Props {
  task: Task;
  opened: boolean;
  close: () => void;
}

/** To another stage by a person's hand: what that brings about is said before it is done. */
export function MoveDialog({ task, opened, close }: Props) {
  const board = useStages(task.project_id);
  const [stage, setStage] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const move = useMove(task.id, close);
  const stages = board.data?.columns.filter((column) => column.stage !== task.stage) ?? [];
  return (
    <Modal opened={opened} onClose={close} title={`Move ${task.key} to another stage`}>
      <Stack gap="sm">
        {board.isError && <ProblemNote error={board.error} again={() => void board.refetch()} />}
        <Radio.Group aria-label="Stage" value={stage} onChange={setStage}>
          <Group gap="sm">
            {stages.map((column) => (
              <Radio key={column.stage} value={column.stage} label={column.title} />
            ))}
          </Group>
        </Radio.Group>
        <p>{moveMeans(task, stage)}</p>
        <Textarea
          label="A word to who works there next"
          autosize
          minRows={2}
          maxLength={50_000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {move.isError && <ProblemNote error={move.error} />}
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={close}>
            Leave it
          </Button>
          <Button
            disabled={stage === null}
            loading={move.isPending}
            onClick={() => stage !== null && move.mutate({ stage, note: note.trim() })}
          >
            Move it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
