import { useState } from "react";
import type { ChatMessage, Plan } from "../api/types";
import { KeptFiles } from "../attachment/KeptFiles";
import { ProblemNote } from "../problem/ProblemNote";
import { PlanBody } from "../plan/PlanBody";
import { usePlan } from "../plan/queries";
import { planSize, planState } from "../plan/words";
import { RequestState } from "../request/RequestState";
import { useRequest } from "../request/queries";
import { Output } from "../run/Output";
import { Tag } from "../tag/Tag";
import styles from "./Chat.module.css";
import { usePlanning } from "./queries";

/** A request in the thread: the PM at work on it, and then its plan, with the person's word on it right here. */
export function RequestView({ said }: { said: ChatMessage }) {
  const request = useRequest(said.request_id ?? undefined);
  if (request.isError) return <ProblemNote error={request.error} again={() => void request.refetch()} />;
  if (!request.data) return null;
  const { data } = request;
  const plan = data.plan_ids.at(-1);
  return (
    <div className={styles.request}>
      <KeptFiles files={data.attachments} />
      {(data.state !== "planned" || plan === undefined) && <RequestState request={data} plan={null} />}
      {data.run_id !== null && <Thinking run={data.run_id} live={data.state === "planning"} />}
      {plan !== undefined && <PlanOf id={plan} />}
    </div>
  );
}

/** What the PM did and does, in the words of its run: folded, and read only when it is looked at. */
function Thinking({ run: id, live }: { run: string; live: boolean }) {
  const [opened, setOpened] = useState(false);
  const run = usePlanning(opened ? id : null);
  return (
    <details className={styles.thinking} open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>{live ? "What the PM does" : "How the PM came to it"}</summary>
      {run.isError && <ProblemNote error={run.error} again={() => void run.refetch()} />}
      {opened && run.data && (
        <div className={styles.output}>
          <Output key={run.data.id} run={run.data} />
        </div>
      )}
    </details>
  );
}

function PlanOf({ id }: { id: number }) {
  const plan = usePlan(id);
  if (plan.isError) return <ProblemNote error={plan.error} again={() => void plan.refetch()} />;
  if (!plan.data) return null;
  return <PlanCard plan={plan.data} />;
}

function PlanCard({ plan }: { plan: Plan }) {
  const [words, tone] = planState(plan.state);
  const waits = plan.state === "waiting";
  const [opened, setOpened] = useState<boolean | null>(null);
  return (
    <details
      className={styles.plan}
      open={opened ?? waits}
      onToggle={(event) => {
        if (event.currentTarget.open !== (opened ?? waits)) setOpened(event.currentTarget.open);
      }}
    >
      <summary>
        <span className={styles.planHead}>
          The plan <Tag tone={tone}>{words}</Tag> <span className={styles.dim}>{planSize(plan)}</span>
        </span>
        <span className={styles.summary}>{plan.summary}</span>
      </summary>
      {(opened ?? waits) && (
        <div className={styles.planBody}>
          <PlanBody key={plan.id} plan={plan} />
        </div>
      )}
    </details>
  );
}
