import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { type SyntheticEvent, useEffect, useState } from "react";
import { useOutsideTasks, useUnfolded } from "./queries";
import styles from "./Tracker.module.css";
import { TaskTable } from "./TaskTable";
import { TrackerTrouble } from "./TrackerTrouble";
import { found, rowsOf, type Shown, SHOWN } from "./tree";
import type { StepProps } from "./Wizard";
import { SHOWN_WORDS, tasksWords } from "./words";

const READ_BY_ITSELF = 2_000;
const OPTIONS = [
  { name: "subtasks", label: "With their subtasks" },
  { name: "comments", label: "With comments" },
  { name: "files", label: "With files" },
] as const;

interface Props extends StepProps {
  mapping: number;
  look: () => void;
}

/** Which tasks. All of the list is read, so that a search finds what is there. */
export function Choosing({ draft, set, mapping, look }: Props) {
  const tasks = useOutsideTasks(mapping);
  const [words, setWords] = useState("");
  const [shown, setShown] = useState<Shown>("all");
  const [open, setOpen] = useState<readonly string[]>([]);
  const unfolded = useUnfolded(mapping, open);
  const tops = tasks.data?.pages.flatMap((page) => page.tasks) ?? [];
  const { hasNextPage, isFetching, isError, fetchNextPage } = tasks;
  const goesOn = hasNextPage && !isFetching && !isError && tops.length < READ_BY_ITSELF;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
  const below = new Map(
    open.flatMap((id, index) => {
      const items = unfolded[index]?.data;
      return items === undefined ? [] : [[id, items] as const];
    }),
  );
  const rows = tasks.data && found(rowsOf(tops, below), words, shown);
  const chosen = new Set(draft.chosen);
  const toggle = (id: string) =>
    set({ chosen: chosen.has(id) ? draft.chosen.filter((one) => one !== id) : [...draft.chosen, id] });
  const fold = (id: string) => setOpen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]));
  const all = () =>
    set({ chosen: [...new Set([...draft.chosen, ...(rows ?? []).map(({ item }) => item.external_id)])] });
  const next = (event: SyntheticEvent) => {
    event.preventDefault();
    if (chosen.size > 0) look();
  };
  const none = isError && tops.length === 0;
  const stuck = unfolded.find((one) => one.isError);
  return (
    <form onSubmit={next} className={styles.form}>
      <div className={styles.bar}>
        <TextInput
          className={styles.search}
          type="search"
          aria-label="Search their tasks"
          placeholder="Search their tasks"
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
        />
        <NativeSelect
          aria-label="Which are shown"
          data={SHOWN.map((value) => ({ value, label: SHOWN_WORDS[value] }))}
          value={shown}
          onChange={(event) => setShown(event.currentTarget.value as Shown)}
        />
        <Button variant="default" disabled={!rows?.length} onClick={all}>
          {words || shown !== "all" ? "Choose all shown" : "Choose all"}
        </Button>
        <Button variant="default" disabled={chosen.size === 0} onClick={() => set({ chosen: [] })}>
          Choose none
        </Button>
        <span className={styles.told} role="status">
          {!none && readWords(tops.length, isFetching, hasNextPage)}
        </span>
      </div>
      {isError && <TrackerTrouble error={tasks.error} at="tasks" again={() => void again(tasks)} />}
      {stuck && <TrackerTrouble error={stuck.error} at="tasks" again={() => void stuck.refetch()} />}
      {(rows !== undefined || !isError) && (
        <TaskTable
          rows={rows}
          chosen={chosen}
          subtasks={draft.subtasks}
          toggle={toggle}
          open={open}
          fold={fold}
          empty={tops.length === 0 ? "There is no task in this project." : "No task is like this."}
          more={hasNextPage && !goesOn && tops.length >= READ_BY_ITSELF ? () => void fetchNextPage() : undefined}
          loadingMore={tasks.isFetchingNextPage}
        />
      )}
      {!none && (
        <div className={styles.bar}>
          {OPTIONS.map(({ name, label }) => (
            <Checkbox
              key={name}
              label={label}
              checked={draft[name]}
              onChange={(event) => set({ [name]: event.currentTarget.checked })}
            />
          ))}
        </div>
      )}
      <p className={styles.acts}>
        <Button type="submit" disabled={chosen.size === 0 || none}>
          See what it makes
        </Button>
        <Button variant="subtle" loading={isFetching && !tasks.isPending} onClick={() => void tasks.refetch()}>
          Read their list anew
        </Button>
        <span className={styles.told} role="status">
          {chosen.size > 0 && `${tasksWords(chosen.size)} chosen`}
        </span>
      </p>
    </form>
  );
}

function again(tasks: ReturnType<typeof useOutsideTasks>): Promise<unknown> {
  return tasks.isFetchNextPageError ? tasks.fetchNextPage() : tasks.refetch();
}

function readWords(count: number, reads: boolean, more: boolean): string {
  if (reads) return count === 0 ? "Their list is read …" : `${tasksWords(count)} so far …`;
  return more ? `The first ${tasksWords(count)}` : tasksWords(count);
}
