import { Button, CloseButton, Select, Skeleton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Task } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { BOX, layout } from "./graph";
import { useNeighbours } from "./neighbours";
import styles from "./Relations.module.css";
import { useWaitFor } from "./queries";
import { stateWords } from "./words";

/** What the task waits for and what waits for it, as a small graph from left to right. */
export function Relations({ task }: { task: Task }) {
  const [adding, setAdding] = useState(false);
  const around = useNeighbours(task);
  return (
    <section className={styles.part} aria-labelledby="relations">
      <div className={styles.bar}>
        <h3 id="relations">What comes before and after</h3>
        <Button size="compact-xs" variant="default" onClick={() => setAdding(!adding)}>
          Wait for …
        </Button>
      </div>
      {adding && <Add task={task} close={() => setAdding(false)} />}
      {around.isPending && <Skeleton height={44} radius={8} />}
      {around.isError && <ProblemNote error={around.error} again={() => void around.refetch()} />}
      {around.data?.tasks.length === 1 && !adding && (
        <p className={styles.none}>It waits for no other task, and none waits for it.</p>
      )}
      {around.data && around.data.tasks.length > 1 && <Graph task={task} around={around.data} />}
      {around.data?.cut && <p className={styles.none}>Tasks that are further away are not drawn.</p>}
    </section>
  );
}

function Graph({ task, around }: { task: Task; around: NonNullable<ReturnType<typeof useNeighbours>["data"]> }) {
  const place = usePlace();
  const wait = useWaitFor(task.id);
  const drawn = layout(around.tasks, around.edges);
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label="Tasks before and after">
      <div className={styles.graph} style={{ width: drawn.width, height: drawn.height }}>
        <svg width={drawn.width} height={drawn.height} aria-hidden="true">
          {drawn.edges.map(({ key, path }) => (
            <path key={key} d={path} />
          ))}
        </svg>
        {drawn.nodes.map((node) => (
          <div
            key={node.id}
            className={styles.box}
            data-state={node.state}
            data-here={node.id === task.id || undefined}
            style={{ left: node.x, top: node.y, width: BOX.width, height: BOX.height }}
          >
            <a {...linkTo(place, { task: node.id })} title={`${node.key} ${node.title}`}>
              <span className={styles.title}>{node.title}</span>
              <span className={styles.state}>
                {node.key} · {stateWords(node)}
              </span>
            </a>
            {task.blocked_by.includes(node.id) && (
              <CloseButton
                size={18}
                aria-label={`No longer wait for ${node.key}`}
                onClick={() => wait.mutate({ other: node.id, waits: false })}
              />
            )}
          </div>
        ))}
      </div>
      {wait.isError && <ProblemNote error={wait.error} />}
    </div>
  );
}

const CHOICES = 20;

function Add({ task, close }: { task: Task; close: () => void }) {
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text, 200);
  const wait = useWaitFor(task.id);
  const found = useQuery({
    queryKey: [...keys.taskPart(task.id, "dependencies"), "choices", asked],
    queryFn: () =>
      body(
        api.GET("/tasks", {
          params: { query: { project_id: task.project_id, text: asked || null, sort: "-id", limit: CHOICES } },
        }),
      ),
  });
  const choices = found.data?.filter(({ id }) => id !== task.id && !task.blocked_by.includes(id)) ?? [];
  return (
    <>
      <Select
        aria-label="The task that must be done first"
        placeholder="Which task must be done first?"
        searchable
        autoFocus
        defaultDropdownOpened
        nothingFoundMessage={found.isPending ? "Looking …" : "No such task in this project."}
        filter={({ options }) => options}
        data={choices.map(({ id, key, title }) => ({ value: String(id), label: `${key} ${title}` }))}
        searchValue={text}
        onSearchChange={setText}
        value={null}
        onChange={(id) => id !== null && wait.mutate({ other: Number(id), waits: true }, { onSuccess: close })}
      />
      {wait.isError && <ProblemNote error={wait.error} />}
    </>
  );
}
