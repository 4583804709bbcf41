import { Skeleton } from "@mantine/core";
import { useState } from "react";
import { gone } from "../api/problem";
import { KeptFiles } from "../attachment/KeptFiles";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { PlanQuestions } from "../question/PlanQuestions";
import { useRequest, useRequests } from "../request/queries";
import { Tag } from "../tag/Tag";
import { bodyOf, numbersOf } from "./body";
import { draftKept } from "./draft";
import { NewerPlan } from "./NewerPlan";
import { PlanChanges } from "./PlanChanges";
import { PlanDecision } from "./PlanDecision";
import { PlanEditor } from "./PlanEditor";
import { PlanTask } from "./PlanTask";
import styles from "./Plans.module.css";
import { usePlan, usePlanDiff, usePlanProgress } from "./queries";
import { faultsOf, faultWords, planSize, planState, progressWords } from "./words";

/** A plan that a person reads in a minute, and decides on. */
export function PlanView({ id }: { id: number }) {
  const place = usePlace();
  const plan = usePlan(id);
  const requests = useRequests();
  const asked = useRequest(plan.data?.request_id);
  const flowing = plan.data?.state === "approved" || plan.data?.state === "done";
  const progress = usePlanProgress(id, flowing);
  const diff = usePlanDiff(plan.data);
  const [opened, setOpened] = useState<boolean | null>(null);
  const back = (
    <a className={styles.back} {...linkTo(place, { plan: null })}>
      ← All plans
    </a>
  );
  if (plan.isPending)
    return (
      <div className={styles.page}>
        {back}
        <Skeleton height={120} radius={8} />
        <Skeleton height={220} radius={8} />
      </div>
    );
  if (plan.isError)
    return (
      <div className={styles.page}>
        {back}
        <ProblemNote
          error={gone(plan.error, "The link may be old. All plans are in the list.")}
          again={() => void plan.refetch()}
        />
      </div>
    );
  const { data } = plan;
  const body = bodyOf(data);
  const numbers = numbersOf(body.tasks);
  const made = new Map(progress.data?.tasks.map((task) => [task.title, task]));
  const request = requests.data?.find((each) => each.id === data.request_id);
  const [words, tone] = planState(data.state);
  const waits = data.state === "waiting";
  const editing = waits && (opened ?? draftKept(data) !== null);
  return (
    <article className={styles.page} aria-label="Plan">
      {back}
      <header className={styles.head}>
        <h1 className={styles.title}>
          The plan <Tag tone={tone}>{words}</Tag>
        </h1>
        {request && (
          <blockquote className={styles.quote}>
            {request.text}
            {asked.data && <KeptFiles files={asked.data.attachments} />}
          </blockquote>
        )}
        <p className={styles.answer}>{data.summary}</p>
        <p className={styles.facts}>
          {planSize(data)}
          {data.number > 1 && ` · version ${data.number}`}
          {progress.data && ` · ${progressWords(progress.data)}`}
        </p>
      </header>
      <Points
        title="What does not add up in it"
        tone="bad"
        points={data.faults.map((fault) => faultWords(fault, numbers))}
      />
      <PlanQuestions plan={data} />
      <NewerPlan plan={data} />
      <Points title="Risks" tone="plain" points={body.risks} />
      {diff.data && <PlanChanges diff={diff.data} />}
      {editing && <PlanEditor plan={data} close={() => setOpened(false)} />}
      {waits && !editing && <PlanDecision plan={data} tasks={body.tasks.length} edit={() => setOpened(true)} />}
      {data.feedback && <p className={styles.feedback}>Your words: {data.feedback}</p>}
      {!editing && (
        <ol className={styles.list}>
          {body.tasks.map((task, index) => (
            <PlanTask
              key={task.id || index}
              number={index + 1}
              task={task}
              numbers={numbers}
              made={made.get(task.title)}
              faults={faultsOf(data.faults, task.id).map((fault) => faultWords(fault, numbers))}
            />
          ))}
        </ol>
      )}
    </article>
  );
}

function Points({ title, tone, points }: { title: string; tone: string; points: string[] }) {
  if (points.length === 0) return null;
  return (
    <section className={styles.points} data-tone={tone}>
      <h2>{title}</h2>
      <ul>
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
    </section>
  );
}
