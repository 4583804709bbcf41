import { Button, Skeleton } from "@mantine/core";
import type { Plan } from "../api/types";
import { ago } from "../clock/words";
import { useNow } from "../clock/useNow";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useProject } from "../project/queries";
import { Tag } from "../tag/Tag";
import { PlanView } from "./PlanView";
import page from "../theme/Page.module.css";
import styles from "./Plans.module.css";
import { usePlanPages } from "./queries";
import { planSize, planState } from "./words";

export default function Plans() {
  const place = usePlace();
  return place.plan === null ? <PlanList /> : <PlanView key={place.plan} id={place.plan} />;
}

function PlanList() {
  const project = useProject();
  const plans = usePlanPages(project === undefined ? undefined : (project?.id ?? null));
  const now = useNow(30);
  const mine = plans.data?.pages.flatMap(({ rows }) => rows);
  return (
    <div className={`${page.page} ${styles.page}`}>
      <h1 className={styles.title}>Plans</h1>
      {plans.isError && <ProblemNote error={plans.error} again={() => void plans.refetch()} />}
      {plans.isPending && <Skeleton height={64} radius={8} />}
      {mine?.length === 0 && (
        <p className={styles.empty}>No plans yet. Write on the board what you want; the PM answers with a plan.</p>
      )}
      <ul className={styles.list}>
        {mine?.map((plan) => (
          <PlanRow key={plan.id} plan={plan} now={now} />
        ))}
      </ul>
      {plans.hasNextPage && (
        <Button
          className={styles.earlier ?? ""}
          variant="default"
          onClick={() => void plans.fetchNextPage()}
          loading={plans.isFetchingNextPage}
        >
          Earlier
        </Button>
      )}
    </div>
  );
}

function PlanRow({ plan, now }: { plan: Plan; now: number }) {
  const place = usePlace();
  const [words, tone] = planState(plan.state);
  return (
    <li>
      <a className={styles.plan} {...linkTo(place, { plan: plan.id, task: null })}>
        <p className={styles.summary}>{plan.summary}</p>
        <span className={styles.facts}>
          <Tag tone={tone}>{words}</Tag>
          <span>{planSize(plan)}</span>
          {plan.number > 1 && <span>version {plan.number}</span>}
          <span>{ago(plan.created_at, now)}</span>
        </span>
      </a>
    </li>
  );
}
