import { Button } from "@mantine/core";
import { useState } from "react";
import type { Task } from "../api/types";
import { useKill } from "../run/queries";
import { useTaskWord } from "./queries";
import { taskVerb } from "./words";

/** Pause and resume of the task, and the end of the run that is at work on it. */
export function TaskControl({ task }: { task: Task }) {
  const say = useTaskWord(task.id);
  const verb = taskVerb(task);
  return (
    <>
      {verb && (
        <Button
          size="sm"
          variant={verb === "resume" ? "filled" : "default"}
          loading={say.isPending}
          onClick={() => say.mutate(verb)}
        >
          {verb === "resume" ? "Resume" : "Pause"}
        </Button>
      )}
      {task.current_run_id !== null && <KillRun key={task.current_run_id} task={task} run={task.current_run_id} />}
    </>
  );
}

function KillRun({ task, run }: { task: Task; run: string }) {
  const [sure, setSure] = useState(false);
  const kill = useKill(task.id);
  return (
    <Button
      size="sm"
      variant={sure ? "filled" : "default"}
      color={sure ? "red" : "gray"}
      loading={kill.isPending}
      onClick={() => (sure ? kill.mutate(run) : setSure(true))}
      onBlur={() => setSure(false)}
    >
      {sure ? "Kill it: its work is lost" : "Kill"}
    </Button>
  );
}
