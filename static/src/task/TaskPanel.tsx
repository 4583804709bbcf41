import { ActionIcon, CloseButton, Skeleton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { gone } from "../api/problem";
import { shrunk } from "../attachment/shrink";
import { useAddTaskFiles } from "../attachment/queries";
import { useDrop } from "../attachment/useDrop";
import { somethingOpen } from "../command/registry";
import { ConnectionNote } from "../frame/ConnectionNote";
import { part } from "../part/part";
import { go, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { Boundary } from "../part/Boundary";
import { TaskQuestions } from "../question/TaskQuestions";
import { FindingsBox } from "./FindingsBox";
import { GateBox } from "./GateBox";
import { More } from "./More";
import { ProvenLine } from "./ProvenLine";
import { useTask } from "./queries";
import { RunsLine } from "./RunsLine";
import { TaskHead } from "./TaskHead";
import styles from "./TaskPanel.module.css";
import { TaskTabs } from "./TaskTabs";

const FeedbackBox = part(() => import("../feedback/FeedbackBox"));
const MeansHost = part(() => import("../feedback/MeansHost"));

const close = () => go({ task: null });

export function TaskPanel({ id }: { id: number }) {
  const task = useTask(id);
  const { wide } = usePlace();
  const panel = useRef<HTMLElement>(null);
  const loaded = task.data !== undefined;
  const add = useAddTaskFiles(id);
  const take = (files: File[]) => void Promise.all(files.map(shrunk)).then((all) => add.mutate(all));
  const drop = useDrop(take);

  useEffect(() => {
    const from = document.activeElement;
    return () => {
      const back = from instanceof HTMLElement && from.isConnected ? from : document.getElementById("main");
      back?.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    if (loaded) panel.current?.focus({ preventScroll: true });
  }, [loaded]);
  useEffect(() => {
    let inDialog = false; // a dialog may be gone by the time that its Escape arrives here
    const look = () => {
      inDialog = somethingOpen();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !inDialog && !event.defaultPrevented) close();
    };
    window.addEventListener("keydown", look, { capture: true });
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener("keydown", look, { capture: true });
      window.removeEventListener("keydown", onKey);
    };
  }, []);

  return (
    <aside
      ref={panel}
      className={styles.panel}
      data-wide={wide || undefined}
      aria-label={task.data ? `Task ${task.data.key}` : "Task"}
      tabIndex={-1}
      {...drop}
    >
      <div className={styles.tools}>
        {task.data && <More task={task.data} />}
        <ActionIcon
          className={styles.widen}
          variant="subtle"
          color="gray"
          aria-label="The whole width"
          aria-pressed={wide}
          title={wide ? "Beside the board" : "The whole width"}
          onClick={() => go({ wide: !wide }, "replace")}
        >
          {wide ? "⇥" : "⇤"}
        </ActionIcon>
        <CloseButton aria-label="Close the task" onClick={close} />
      </div>
      <div className={styles.line}>
        <ConnectionNote />
      </div>
      {task.isError && <Gone error={task.error} again={() => void task.refetch()} />}
      {task.isPending && <Ghost />}
      {task.data && (
        <>
          <Boundary>
            <TaskHead task={task.data} />
          </Boundary>
          <MeansHost />
          {task.data.state !== "done" && task.data.state !== "cancelled" && <FeedbackBox key={id} taskId={id} />}
          {/* place: deployment (deploy/) */}
          <Boundary>
            <TaskQuestions task={task.data} />
            <ProvenLine task={task.data} />
            <GateBox task={task.data} failed />
            <FindingsBox task={task.data} />
          </Boundary>
          <TaskTabs task={task.data} add={take} adding={add.isPending} />
          <RunsLine id={id} />
        </>
      )}
    </aside>
  );
}

function Gone({ error, again }: { error: unknown; again: () => void }) {
  const problem = gone(error, "The link may be old, or the task was removed. The board shows what there is.");
  return (
    <div className={styles.gone}>
      <ProblemNote error={problem} again={problem.status === 404 ? undefined : again} />
    </div>
  );
}

function Ghost() {
  return (
    <>
      <Skeleton height={18} width={120} />
      <Skeleton height={24} width="80%" />
      <Skeleton height={150} radius={8} />
      <Skeleton height={240} radius={8} />
    </>
  );
}
