import { Skeleton } from "@mantine/core";
import { gone } from "../api/problem";
import { KeptFiles } from "../attachment/KeptFiles";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useRequest } from "../request/queries";
import { Tag } from "../tag/Tag";
import { PlanBody } from "./PlanBody";
import page from "../theme/Page.module.css";
import styles from "./Plans.module.css";
import { usePlan, usePlanProgress } from "./queries";
import { isFlowing, planSize, planState, progressWords } from "./words";

/** A plan that a person reads in a minute, and decides on. */
export function PlanView({ id }: { id: number }) {
  const place = usePlace();
  const plan = usePlan(id);
  const asked = useRequest(plan.data?.request_id);
  const progress = usePlanProgress(id, isFlowing(plan.data));
  const back = (
    <a className={styles.back} {...linkTo(place, { plan: null })}>
      ← All plans
    </a>
  );
  if (plan.isPending)
    return (
      <div className={`${page.page} ${styles.page}`}>
        {back}
        <Skeleton height={120} radius={8} />
        <Skeleton height={220} radius={8} />
      </div>
    );
  if (plan.isError)
    return (
      <div className={`${page.page} ${styles.page}`}>
        {back}
        <ProblemNote
          error={gone(plan.error, "The link may be old. All plans are in the list.")}
          again={() => void plan.refetch()}
        />
      </div>
    );
  const { data } = plan;
  const [words, tone] = planState(data.state);
  return (
    <article className={`${page.page} ${styles.page}`} aria-label="Plan">
      {back}
      <header className={styles.head}>
        <h1 className={styles.title}>
          The plan <Tag tone={tone}>{words}</Tag>
        </h1>
        {asked.data && (
          <blockquote className={styles.quote}>
            {asked.data.text}
            <KeptFiles files={asked.data.attachments} />
          </blockquote>
        )}
        <p className={styles.answer}>{data.summary}</p>
        <p className={styles.facts}>
          {planSize(data)}
          {data.number > 1 && ` · version ${data.number}`}
          {progress.data && ` · ${progressWords(progress.data)}`}
        </p>
      </header>
      <PlanBody plan={data} />
    </article>
  );
}
