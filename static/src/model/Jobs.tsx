import { Button, Progress } from "@mantine/core";
import type { ModelJob } from "../api/types";
import { ago } from "../clock/words";
import { useNow } from "../clock/useNow";
import page from "../theme/Page.module.css";
import { tellProblem } from "../problem/tell";
import { Tag } from "../tag/Tag";
import styles from "./Models.module.css";
import { useAskForJob, useCancelJob } from "./queries";
import { againWords, doingWords, isLive, jobState, kindWords, percent, progressWords } from "./words";

const SHOWN = 5;

/** What is being fetched, measured or tried out, and what ended otherwise than it should. */
export function Jobs({ jobs }: { jobs: ModelJob[] }) {
  const live = jobs.filter(isLive);
  const newest = new Map<string, ModelJob>();
  for (const job of jobs) if (!newest.has(`${job.kind} ${job.model}`)) newest.set(`${job.kind} ${job.model}`, job);
  const cutOff = [...newest.values()].filter((job) => !isLive(job) && job.state !== "done").slice(0, SHOWN);
  if (live.length + cutOff.length === 0) return null;
  return (
    <section className={styles.jobs} aria-label="What is done with models">
      {[...live, ...cutOff].map((job) => (
        <Job key={job.id} job={job} />
      ))}
    </section>
  );
}

function Job({ job }: { job: ModelJob }) {
  const cancel = useCancelJob();
  const again = useAskForJob();
  const now = useNow(60);
  const [state, tone] = jobState(job.state);
  const part = percent(job.progress);
  const more = againWords(job);
  const name = `${isLive(job) ? doingWords(job.kind) : kindWords(job.kind)} ${job.model}`;
  return (
    <article className={styles.job} aria-label={name}>
      <header className={page.head}>
        <h3 className={styles.name}>{name}</h3>
        <Tag tone={tone}>{state}</Tag>
        {job.finished_at && <span className={page.facts}>{ago(job.finished_at, now)}</span>}
        {isLive(job) && (
          <Button size="compact-xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(job.id)}>
            Cancel
          </Button>
        )}
        {more && (
          <Button
            size="compact-xs"
            variant="default"
            loading={again.isPending}
            onClick={() => again.mutate({ kind: job.kind, model: job.model }, { onError: tellProblem })}
          >
            {more}
          </Button>
        )}
      </header>
      {job.state === "running" && job.kind === "pull" && (
        <Progress value={part ?? 100} animated={part === null} aria-label={`${name}: how far it is`} />
      )}
      <p className={page.hint}>
        {isLive(job) ? progressWords(job.progress) : `${job.sentence} ${job.way_out}`}
        {!isLive(job) &&
          part !== null &&
          ` (${progressWords({ bytes: job.progress.bytes, total: job.progress.total })})`}
      </p>
    </article>
  );
}
