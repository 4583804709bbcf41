import { Button, Skeleton, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Task } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import { useNewSubtask, useSubtasks, useTask } from "./queries";
import styles from "./Overview.module.css";
import { stateTone, stateWords } from "./words";

/** The parts a task was split into, and of which it is a part itself. */
export function Subtasks({ task }: { task: Task }) {
  const place = usePlace();
  const [adding, setAdding] = useState(false);
  const subtasks = useSubtasks(task.id);
  return (
    <section className={styles.part} aria-labelledby="subtasks">
      <div className={styles.bar}>
        <h3 id="subtasks">Subtasks</h3>
        <Button size="compact-xs" variant="default" onClick={() => setAdding(true)}>
          Add a subtask
        </Button>
      </div>
      {task.parent_id !== null && <Parent id={task.parent_id} />}
      {subtasks.isPending && <Skeleton height={28} radius={6} />}
      {subtasks.isError && <ProblemNote error={subtasks.error} again={() => void subtasks.refetch()} />}
      {subtasks.data?.length === 0 && !adding && <p className={styles.none}>It is not split into parts.</p>}
      <ul className={styles.tasks}>
        {subtasks.data?.map((one) => (
          <li key={one.id}>
            <a className={styles.task} {...linkTo(place, { task: one.id })}>
              <span className={styles.key}>{one.key}</span>
              <span className={styles.title}>{one.title}</span>
              <Tag tone={stateTone(one.state)}>{stateWords(one)}</Tag>
            </a>
          </li>
        ))}
      </ul>
      {adding && <NewSubtask task={task} close={() => setAdding(false)} />}
    </section>
  );
}

function Parent({ id }: { id: number }) {
  const place = usePlace();
  const { data } = useTask(id);
  if (!data) return null;
  return (
    <p>
      Part of{" "}
      <a {...linkTo(place, { task: id })}>
        <Tag tone="accent">
          {data.key} {data.title}
        </Tag>
      </a>
    </p>
  );
}

function NewSubtask({ task, close }: { task: Task; close: () => void }) {
  const [title, setTitle] = useState("");
  const make = useNewSubtask(task);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (title.trim()) make.mutate(title.trim(), { onSuccess: () => setTitle("") });
  };
  return (
    <form onSubmit={send}>
      <div className={styles.row}>
        <TextInput
          aria-label="Title of the subtask"
          placeholder="What is this part?"
          maxLength={300}
          autoFocus
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.preventDefault();
            close();
          }}
        />
        <Button type="submit" loading={make.isPending} disabled={!title.trim()}>
          Add
        </Button>
        <Button variant="default" onClick={close}>
          Done
        </Button>
      </div>
      {make.isError && <ProblemNote error={make.error} />}
    </form>
  );
}
