import { Button } from "@mantine/core";
import { useState } from "react";
import type { Run } from "../api/types";
import { useNow } from "../clock/useNow";
import { duration } from "../clock/words";
import { RunControl } from "../control/RunControl";
import { costWords } from "../frame/words";
import { Tag } from "../tag/Tag";
import { useKill } from "./queries";
import { isLive, leftOut, runName, runSeconds, runState } from "./words";
import styles from "./Work.module.css";

/** The chosen run in words: what came of it, what it took. */
export function RunFacts({ run }: { run: Run }) {
  const now = useNow(isLive(run) ? 1 : 60);
  const [words, tone] = runState(run.state);
  const seconds = runSeconds(run, now);
  const tokens = run.tokens_in + run.tokens_out;
  const facts = [
    seconds !== null && duration(seconds),
    tokens > 0 && `${tokens.toLocaleString("en")} tokens`,
    tokens > 0 && costWords(run.cost),
    run.model,
    run.head_sha && run.head_sha !== run.base_sha && `commit ${run.head_sha.slice(0, 10)}`,
  ];
  return (
    <>
      <p className={styles.head}>
        <b>{runName(run)}</b>
        {run.role && run.role !== run.stage && <span className={styles.none}>{run.role}</span>}
        <Tag tone={tone}>{words}</Tag>
        {isLive(run) && <RunControl run={run} />}
        {isLive(run) && <Kill run={run} />}
      </p>
      <p className={styles.facts}>{facts.filter(Boolean).join(" · ")}</p>
      {run.summary && !saysNothing(run) && <p className={styles.summary}>{run.summary}</p>}
      {leftOut(run) && <p className={styles.summary}>{leftOut(run)}</p>}
    </>
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
