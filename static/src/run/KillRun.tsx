import { Button, Group, Modal, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { RunRow } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { runName } from "./words";

/** Asks first: what a run had begun is lost. */
export function KillRun({ run }: { run: RunRow }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const kill = useMutation({
    mutationFn: () => body(api.POST("/runs/{run_id}/kill", { params: { path: { run_id: run.id } } })),
    onSuccess: () => {
      setAsking(false);
      tellDone("The run is stopped; its record stays.");
    },
    onSettled: () =>
      Promise.all(
        [keys.runs, keys.boards, keys.summary, keys.tasks].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });
  const name = `${runName(run)} of ${run.task_key ?? "the request"}`;
  return (
    <>
      <Button
        size="compact-xs"
        variant="subtle"
        color="red"
        onClick={() => setAsking(true)}
        aria-label={`Kill ${name}`}
      >
        Kill …
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Kill ${name}?`}>
        <Stack gap="sm">
          <p>
            Its agent is stopped, and what it had not finished is thrown away. Its record stays, and its task waits for
            you.
          </p>
          {kill.isError && <ProblemNote error={kill.error} />}
          <Group gap="xs" justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              Let it go on
            </Button>
            <Button color="red" loading={kill.isPending} onClick={() => kill.mutate()}>
              Kill it
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
