import { CloseButton, Skeleton } from "@mantine/core";
import { lazy, Suspense, useEffect, useRef } from "react";
import { gone } from "../api/problem";
import { shrunk } from "../attachment/shrink";
import { TaskFiles } from "../attachment/TaskFiles";
import { useAddTaskFiles } from "../attachment/queries";
import { useDrop } from "../attachment/useDrop";
import { go } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { TaskQuestions } from "../question/TaskQuestions";
import { EvidenceBox } from "./EvidenceBox";
import { FindingsBox } from "./FindingsBox";
import { GateBox } from "./GateBox";
import { useTask } from "./queries";
import { RunsLine } from "./RunsLine";
import { TaskHead } from "./TaskHead";
import styles from "./TaskPanel.module.css";
import { TaskTabs } from "./TaskTabs";

const Report = lazy(() => import("./Report"));

const close = () => go({ task: null, run: null, tab: "changes" });

export function TaskPanel({ id }: { id: number }) {
  const task = useTask(id);
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
    const onKey = (event: KeyboardEvent) => {
      const inDialog = document.querySelector("[role=dialog], [role=menu]") !== null;
      if (event.key === "Escape" && !inDialog && !event.defaultPrevented) close();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  return (
    <aside
      ref={panel}
      className={styles.panel}
      aria-label={task.data ? `Task ${task.data.key}` : "Task"}
      tabIndex={-1}
      {...drop}
    >
      <CloseButton className={styles.close} aria-label="Close the task" onClick={close} />
      {task.isError && <Gone error={task.error} again={() => void task.refetch()} />}
      {task.isPending && <Ghost />}
      {task.data && (
        <>
          <TaskHead task={task.data} />
          <TaskQuestions task={task.data} />
          <TaskFiles task={task.data} add={take} adding={add.isPending} error={add.error} />
          <EvidenceBox task={task.data} />
          <GateBox task={task.data} />
          <FindingsBox task={task.data} />
          {task.data.kind === "research" && (
            <Suspense fallback={null}>
              <Report task={task.data} />
            </Suspense>
          )}
          <TaskTabs task={task.data} />
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
