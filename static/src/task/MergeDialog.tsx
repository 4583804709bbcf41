import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Approval, Task } from "../api/types";
import { sendWords } from "../feedback/words";
import { useProjects } from "../project/queries";

interface Props {
  task: Task;
  approval: Approval;
  /** Comments on its lines. */
  counts: Parameters<typeof sendWords>[1];
  opened: boolean;
  close: () => void;
  merge: (note: string) => void;
}

/** A merge changes the person's own branch: what happens is said before it does. */
export function MergeDialog({ task, approval, counts, opened, close, merge }: Props) {
  const [note, setNote] = useState("");
  const projects = useProjects();
  const project = projects.data?.find((each) => each.id === task.project_id);
  const { files, added, removed } = approval.diff_stat as { files?: number; added?: number; removed?: number };
  const go = () => {
    close();
    merge(note.trim());
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={`Merge ${task.key} onto ${project?.default_branch ?? "the main branch"}?`}
    >
      <Stack gap="sm">
        <p>
          <b>{task.title}</b>
        </p>
        <p>
          {files === undefined ? "The change lands" : files === 1 ? "1 file lands" : `${files} files land`}
          {added !== undefined && ` (+${added} −${removed})`} on <b>{project?.default_branch ?? "the main branch"}</b>
          {project && (
            <>
              {" "}
              in <code>{project.workspace_path}</code>
            </>
          )}
          . Your uncommitted work is never touched: if it is in the way, the merge waits. Then TESTING runs on the
          merged branch.
        </p>
        {counts.drafts + counts.open > 0 && <p>{sendWords("approve", counts, false)}</p>}
        <Textarea
          label="A note, if you like"
          autosize
          minRows={1}
          maxRows={8}
          maxLength={20_000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={close}>
            Not yet
          </Button>
          <Button onClick={go} data-autofocus>
            Merge
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
