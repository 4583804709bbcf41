import { Skeleton } from "@mantine/core";
import { useState } from "react";
import type { Task } from "../api/types";
import Context from "../context/Context";
import { usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { Boundary } from "../part/Boundary";
import { useRuns } from "../task/queries";
import { Output } from "./Output";
import { RunFacts } from "./RunFacts";
import { Timeline } from "./Timeline";
import { isLive, runName } from "./words";
import styles from "./Work.module.css";

/** What was done and how long it took, what the chosen run says, and what the next one would be told. */
export default function Work({ task }: { task: Task }) {
  const { run: wanted } = usePlace();
  const runs = useRuns(task.id);
  if (runs.isPending) return <Skeleton height={160} radius={8} />;
  if (runs.isError) return <ProblemNote error={runs.error} again={() => void runs.refetch()} />;
  const chosen = runs.data.find((run) => run.id === wanted) ?? runs.data.findLast(isLive) ?? runs.data.at(-1);
  return (
    <div className={styles.parts}>
      {runs.data.length === 0 && <p className={styles.none}>No run yet.</p>}
      {runs.data.length > 0 && <Timeline task={task} runs={runs.data} chosen={chosen?.id ?? null} />}
      {chosen && (
        <section className={styles.run} aria-label={runName(chosen)}>
          <RunFacts run={chosen} />
          <Boundary>
            <Output key={chosen.id} run={chosen} />
          </Boundary>
        </section>
      )}
      <Next task={task} />
    </div>
  );
}

function Next({ task }: { task: Task }) {
  const [opened, setOpened] = useState(false);
  return (
    <details className={styles.next} open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>What the next agent is told</summary>
      {opened && <Context task={task} />}
    </details>
  );
}
