import {
  Button,
  Checkbox,
  Group,
  Modal,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Textarea,
  TextInput,
} from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { asProblem } from "../api/problem";
import { AddFiles } from "../attachment/AddFiles";
import { ChosenFiles } from "../attachment/ChosenFiles";
import { useLimits } from "../attachment/queries";
import { useDrop } from "../attachment/useDrop";
import { useFiles } from "../attachment/useFiles";
import { useBoard } from "../board/queries";
import { go } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { useProject, useProjects } from "../project/queries";
import { CriteriaFields } from "./CriteriaFields";
import styles from "./NewTask.module.css";
import { bodyOf, draftOf, faultsIn, keepDraft, KINDS, type TaskDraft } from "./newTask";
import { useNewTask, useTasksOf } from "./useNewTask";

/** A task by hand. What was written stays until the hub has it. */
export default function NewTask({ close }: { close: () => void }) {
  return (
    <Modal opened onClose={close} title="New task" size={640}>
      <Form close={close} />
    </Modal>
  );
}

function Form({ close }: { close: () => void }) {
  const chosen = useProject();
  const projects = useProjects().data ?? [];
  const [draft, setDraft] = useState(draftOf);
  const limits = useLimits().data;
  const files = useFiles(limits);
  const drop = useDrop((more) => void files.add(more));
  const make = useNewTask(({ made, left }) => {
    keepDraft(null);
    tellDone([`${made.key} is on the board.`, ...left].join(" "));
  });
  const known = projects.some(({ id }) => String(id) === draft.project) ? Number(draft.project) : null;
  const project = known ?? chosen?.id ?? null;
  const columns = useBoard(project === null ? null : { project, asked: { first: 0 } }).data?.columns.slice(0, -1) ?? [];
  const tasks = useTasksOf(project).data ?? [];
  const { body, places } = bodyOf(draft, project ?? 0);
  const faults = make.isError ? faultsIn(asProblem(make.error).faults, places) : {};
  const unplaced = make.isError && Object.keys(faults).length === 0;
  const set = (some: Partial<TaskDraft>) => {
    const next = { ...draft, ...some };
    setDraft(next);
    keepDraft(next);
    make.reset();
  };
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (project === null || !draft.title.trim()) return;
    make.mutate(
      { task: body, files: files.all(), start: draft.start },
      {
        onSuccess: ({ made }) => {
          close();
          go({ project, view: "board", task: made.id });
        },
      },
    );
  };
  const others = tasks.map(({ id, key, title }) => ({ value: String(id), label: `${key} ${title}` }));
  const ids = new Set(others.map(({ value }) => value));
  return (
    <form onSubmit={send} className={styles.form} aria-label="New task" {...drop}>
      <Stack gap="sm">
        {(chosen === null || known !== null) && projects.length > 1 && (
          <Select
            label="Project"
            data={projects.map(({ id, name }) => ({ value: String(id), label: name }))}
            value={project === null ? null : String(project)}
            allowDeselect={false}
            required
            error={faults.project}
            onChange={(value) => set({ project: value, parent: null, after: [], stage: null })}
          />
        )}
        <TextInput
          label="Title"
          placeholder="Round totals to whole cents"
          maxLength={300}
          data-autofocus
          required
          error={faults.title}
          value={draft.title}
          onChange={(event) => set({ title: event.currentTarget.value })}
        />
        <Textarea
          label="Description"
          description="Markdown. What is wanted, and why."
          autosize
          minRows={3}
          maxRows={12}
          maxLength={50_000}
          error={faults.description}
          value={draft.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
        />
        <CriteriaFields criteria={draft.criteria} faults={faults} set={(criteria) => set({ criteria })} />
        <div className={styles.row}>
          <Select
            label="Kind"
            data={KINDS}
            value={draft.kind}
            allowDeselect={false}
            error={faults.kind}
            onChange={(kind) => set({ kind: kind ?? draft.kind })}
          />
          <NumberInput
            label="Priority"
            description="10 is the most urgent"
            inputWrapperOrder={["label", "input", "description", "error"]}
            min={1}
            max={10}
            clampBehavior="strict"
            allowDecimal={false}
            error={faults.priority}
            value={draft.priority}
            onChange={(value) => set({ priority: typeof value === "number" ? value : draft.priority })}
          />
          <Select
            label="Begins at"
            description="Its stage, and the role that works there"
            inputWrapperOrder={["label", "input", "description", "error"]}
            placeholder={columns[0]?.title ?? "Backlog"}
            data={columns.map(({ stage, title, role }) => ({
              value: stage,
              label: role ? `${title} · ${role}` : title,
            }))}
            value={columns.some(({ stage }) => stage === draft.stage) ? draft.stage : null}
            clearable
            error={faults.stage}
            onChange={(stage) => set({ stage })}
          />
        </div>
        <div className={styles.row}>
          <Select
            label="Part of"
            placeholder="No other task"
            data={others}
            value={draft.parent !== null && ids.has(draft.parent) ? draft.parent : null}
            searchable
            clearable
            limit={50}
            nothingFoundMessage="No task is called so."
            error={faults.parent}
            onChange={(parent) => set({ parent })}
          />
          <MultiSelect
            label="Starts after"
            placeholder={draft.after.length === 0 ? "Nothing" : ""}
            data={others}
            value={draft.after.filter((id) => ids.has(id))}
            searchable
            clearable
            limit={50}
            nothingFoundMessage="No task is called so."
            error={faults.after}
            onChange={(after) => set({ after })}
          />
        </div>
        {files.files.length + files.coming + files.refused.length > 0 && <ChosenFiles chosen={files} />}
        <p className={styles.add}>
          <AddFiles add={(more) => void files.add(more)} />
          <span className={styles.hint}>or drop and paste files and pictures anywhere here</span>
        </p>
        {unplaced && <ProblemNote error={make.error} />}
        <Group justify="space-between" gap="xs">
          <Checkbox
            label="Start it at once"
            checked={draft.start}
            onChange={(event) => set({ start: event.currentTarget.checked })}
          />
          <Group gap="xs">
            <Button variant="default" onClick={close}>
              Keep as a draft
            </Button>
            <Button type="submit" loading={make.isPending} disabled={project === null || !draft.title.trim()}>
              Create task
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
