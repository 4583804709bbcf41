import { Button, Stepper } from "@mantine/core";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { usePlace } from "../place/usePlace";
import { useProject, useProjects } from "../project/queries";
import { after, BLANK, type Draft, drafts, reached, stepAt, STEPS } from "./draft";
import { OurStep } from "./OurStep";
import { ProviderStep } from "./ProviderStep";
import { useTrackers } from "./queries";
import { SignInStep } from "./SignInStep";
import { TasksStep } from "./TasksStep";
import { TheirStep } from "./TheirStep";
import page from "../theme/Page.module.css";
import styles from "./Tracker.module.css";
import { toStep } from "./TrackerTrouble";
import { STEP_WORDS } from "./words";

export interface StepProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
}

/** Tasks of an outside tracker, in five steps. What was chosen survives a reload and a closed tab. */
export default function Wizard({ newProject }: { newProject: () => void }) {
  const { asked } = usePlace();
  const here = useProject()?.id ?? null;
  const kept = useSyncExternalStore(drafts.listen, drafts.get);
  const draft = kept.project === null && here !== null ? { ...kept, project: here } : kept;
  const step = stepAt(asked.step, draft);
  const at = STEPS.indexOf(step);
  const furthest = STEPS.indexOf(reached(draft));
  const set = (change: Partial<Draft>) => {
    const now = drafts.get();
    drafts.set(after({ ...now, project: now.project ?? here }, change));
  };
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current !== step) heading.current?.focus();
    shown.current = step;
  }, [step]);
  useEffect(() => {
    if (asked.step !== step) toStep(step, "replace"); // a choice alone leads nowhere else
  }, [asked.step, step]);
  const anew = () => {
    drafts.set(BLANK);
    toStep("provider");
  };
  return (
    <div className={`${page.page} ${styles.page}`}>
      <header className={styles.head}>
        <h1 className={styles.title}>Import tasks</h1>
        <Trail draft={draft} />
        {kept.provider !== null && (
          <Button size="compact-xs" variant="subtle" onClick={anew}>
            Begin anew
          </Button>
        )}
      </header>
      <Stepper
        active={at}
        size="xs"
        wrap={false}
        onStepClick={(index) => toStep(STEPS[index] ?? step)}
        classNames={{ stepBody: styles.stepBody ?? "" }}
      >
        {STEPS.map((name, index) => (
          <Stepper.Step
            key={name}
            label={STEP_WORDS[name]}
            allowStepSelect={index <= furthest}
            aria-current={name === step ? "step" : undefined}
          />
        ))}
      </Stepper>
      <section className={styles.step} aria-labelledby="import-step">
        <h2 id="import-step" ref={heading} tabIndex={-1} className={styles.stepTitle}>
          <small>
            Step {at + 1} of {STEPS.length}
          </small>
          {STEP_WORDS[step]}
        </h2>
        {step === "provider" && <ProviderStep draft={draft} set={set} />}
        {step === "sign-in" && <SignInStep key={draft.provider} draft={draft} set={set} />}
        {step === "theirs" && <TheirStep draft={draft} set={set} />}
        {step === "ours" && <OurStep draft={draft} set={set} newProject={newProject} />}
        {step === "tasks" && draft.mapping !== null && (
          <TasksStep key={draft.mapping} draft={draft} set={set} mapping={draft.mapping} />
        )}
      </section>
    </div>
  );
}

/** What was chosen up to here, in a line. */
function Trail({ draft }: { draft: Draft }) {
  const tracker = useTrackers().data?.find(({ name }) => name === draft.provider);
  const project = useProjects().data?.find(({ id }) => id === draft.project);
  const theirs = [tracker?.title, draft.theirs?.name].filter(Boolean).join(" · ");
  const ours = draft.mapping !== null && project ? ` into ${project.name}` : "";
  return <span className={styles.trail}>{theirs && `${theirs}${ours}`}</span>;
}
