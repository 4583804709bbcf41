import { useState } from "react";
import type { Plan } from "../api/types";
import { PlanQuestions } from "../question/PlanQuestions";
import { bodyOf, numbersOf } from "./body";
import { draftKept } from "./draft";
import { NewerPlan } from "./NewerPlan";
import { PlanChanges } from "./PlanChanges";
import { PlanDecision } from "./PlanDecision";
import { PlanEditor } from "./PlanEditor";
import { PlanTask } from "./PlanTask";
import styles from "./Plans.module.css";
import { Replan } from "./Replan";
import { usePlanDiff, usePlanProgress } from "./queries";
import { faultsOf, faultWords, isFlowing } from "./words";

/** What a plan says below its head, with the person's word on it: on its own page, and in the chat. */
export function PlanBody({ plan }: { plan: Plan }) {
  const progress = usePlanProgress(plan.id, isFlowing(plan));
  const diff = usePlanDiff(plan);
  const [opened, setOpened] = useState(() => draftKept(plan) !== null);
  const body = bodyOf(plan);
  const numbers = numbersOf(body.tasks);
  const made = new Map(progress.data?.tasks.map((task) => [task.title, task]));
  const waits = plan.state === "waiting";
  const editing = waits && opened;
  return (
    <>
      <Points
        title="What does not add up in it"
        tone="bad"
        points={plan.faults.map((fault) => faultWords(fault, numbers))}
      />
      <PlanQuestions plan={plan} />
      <NewerPlan plan={plan} />
      <Replan plan={plan} progress={progress.data} />
      <Points title="Risks" tone="plain" points={body.risks} />
      {diff.data && <PlanChanges diff={diff.data} />}
      {editing && <PlanEditor plan={plan} close={() => setOpened(false)} />}
      {waits && !editing && <PlanDecision plan={plan} tasks={body.tasks.length} edit={() => setOpened(true)} />}
      {plan.feedback && <p className={styles.feedback}>Your words: {plan.feedback}</p>}
      {!editing && (
        <ol className={styles.list}>
          {body.tasks.map((task, index) => (
            <PlanTask
              key={task.id || index}
              number={index + 1}
              task={task}
              numbers={numbers}
              made={made.get(task.title)}
              faults={faultsOf(plan.faults, task.id).map((fault) => faultWords(fault, numbers))}
            />
          ))}
        </ol>
      )}
    </>
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
