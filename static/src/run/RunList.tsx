import { Button, Skeleton } from "@mantine/core";
import { useState } from "react";
import type { Run, Task } from "../api/types";
import { clock, duration } from "../clock/words";
import { useNow } from "../clock/useNow";
import { costWords } from "../frame/words";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import { useRuns } from "../task/queries";
import { useKill } from "./queries";
import styles from "./RunList.module.css";
import { isLive, leftOut, runName, runSeconds, runState } from "./words";

export function RunList({ task }: { task: Task }) {
  const runs = useRuns(task.id);
  if (runs.isPending) return <Skeleton height={120} radius={8} />;
  if (runs.isError) return <ProblemNote error={runs.error} again={() => void runs.refetch()} />;
  if (runs.data.length === 0) return <p className={styles.none}>No run yet.</p>;
  return (
    <ol className={styles.list}>
      {runs.data.toReversed().map((run) => (
        <OneRun key={run.id} run={run} />
      ))}
    </ol>
  );
}

function OneRun({ run }: { run: Run }) {
  const place = usePlace();
  const now = useNow(1);
  const [words, tone] = runState(run.state);
  const seconds = runSeconds(run, now);
  const tokens = run.tokens_in + run.tokens_out;
  const facts = [
    seconds !== null && duration(seconds),
    tokens > 0 && `${tokens.toLocaleString("en")} tokens`,
    tokens > 0 && costWords(run.cost),
    run.model,
  ];
  return (
    <li className={styles.run}>
      <p className={styles.head}>
        <b>{runName(run)}</b>
        {run.role && run.role !== run.stage && <span className={styles.role}>{run.role}</span>}
        <Tag tone={tone}>{words}</Tag>
        <a className={styles.output} {...linkTo(place, { tab: "output", run: run.id })}>
          Output
        </a>
        {isLive(run) && <Kill run={run} />}
      </p>
      {run.summary && !saysNothing(run) && <p className={styles.summary}>{run.summary}</p>}
      {leftOut(run) && <p className={styles.summary}>{leftOut(run)}</p>}
      <p className={styles.facts} title={run.started_at ? clock(run.started_at) : undefined}>
        {facts.filter(Boolean).join(" · ")}
      </p>
    </li>
  );
}

function Kill({ run }: { run: Run }) {
  const [sure, setSure] = useState(false);
  const kill = useKill(run.task_id ?? 0);
  if (!sure)
    return (
      <Button variant="default" size="compact-xs" onClick={() => setSure(true)}>
        Kill
      </Button>
    );
  return (
    <>
      <Button color="red" size="compact-xs" loading={kill.isPending} onClick={() => kill.mutate(run.id)} autoFocus>
        Kill it: its work is lost
      </Button>
      <Button variant="subtle" size="compact-xs" onClick={() => setSure(false)}>
        No
      </Button>
    </>
  );
}

/** "QA passed." beside a tag that says so. */
const saysNothing = (run: Run): boolean => run.summary.toLowerCase() === `${run.stage} passed.`;
