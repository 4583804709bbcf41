import { Button, Group, NumberInput, Select, TagsInput, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Plan } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { added, changed, type Draft, draftKept, draftOf, dropped, keepDraft, moved, patchOf } from "./draft";
import styles from "./PlanEditor.module.css";
import { TaskFields } from "./TaskFields";
import { useEditPlan } from "./queries";

const COMPLEXITIES = ["simple", "medium", "complex"];

/** A person changes any of the plan before they approve it. What was begun survives a reload. */
export function PlanEditor({ plan, close }: { plan: Plan; close: () => void }) {
  // what is edited is the plan as it was opened: one that changes meanwhile is refused by its version, and shown
  const [read] = useState(plan);
  const [draft, setDraft] = useState(() => draftKept(read) ?? draftOf(read));
  const save = useEditPlan(read.id);
  const set = (fields: Partial<Draft>) => {
    const next = { ...draft, ...fields };
    setDraft(next);
    keepDraft(read, next);
  };
  const { tasks } = draft;
  const patch = patchOf(read, draft);
  const leave = () => {
    keepDraft(read, null);
    close();
  };
  const send = () => {
    if (patch === null) return;
    save.mutate(patch, {
      onSuccess: () => {
        leave();
        tellDone("Saved. It still waits for your decision.");
      },
    });
  };
  return (
    <section className={styles.editor} aria-label="Edit the plan">
      <Textarea
        label="Summary"
        autosize
        minRows={2}
        maxLength={5_000}
        value={draft.summary}
        onChange={(event) => set({ summary: event.currentTarget.value })}
      />
      <div className={styles.row}>
        <Select
          label="Complexity"
          data={COMPLEXITIES}
          value={draft.complexity}
          allowDeselect={false}
          onChange={(complexity) => set({ complexity: complexity ?? draft.complexity })}
        />
        <NumberInput
          label="Minutes, estimated"
          min={1}
          allowDecimal={false}
          value={draft.estimated_minutes ?? ""}
          onChange={(value) => {
            if (typeof value === "number") set({ estimated_minutes: value });
          }}
        />
      </div>
      <TagsInput label="Risks" value={draft.risks} onChange={(risks) => set({ risks })} splitChars={[]} />
      <ol className={styles.tasks}>
        {tasks.map((task, index) => (
          <TaskFields
            key={task.id}
            number={index + 1}
            last={index === tasks.length - 1}
            task={task}
            others={tasks
              .map((other, at) => ({ value: other.id, label: `${at + 1} ${other.title || "(no title yet)"}` }))
              .filter((other) => other.value !== task.id)}
            change={(fields) => set({ tasks: changed(tasks, index, fields) })}
            move={(by) => set({ tasks: moved(tasks, index, by) })}
            drop={() => set({ tasks: dropped(tasks, index) })}
          />
        ))}
      </ol>
      <Button variant="default" onClick={() => set({ tasks: added(tasks) })}>
        Add a task
      </Button>
      {save.isError && <ProblemNote error={save.error} />}
      <div className={styles.end}>
        <span className={styles.hint}>Nothing starts before you approve the plan.</span>
        <Group gap="xs">
          <Button variant="default" onClick={leave}>
            {patch === null ? "Back" : "Discard"}
          </Button>
          <Button onClick={send} loading={save.isPending} disabled={patch === null}>
            Save the plan
          </Button>
        </Group>
      </div>
    </section>
  );
}
