import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Task, TaskPatch } from "../api/types";
import { meant } from "../feedback/means";
import { tellProblem } from "../problem/tell";
import type { Editable } from "./useInPlace";

type Changes = Partial<Omit<TaskPatch, "version">>;

const readTask = (id: number) => body(api.GET("/tasks/{task_id}", { params: { path: { task_id: id } } }));

const patchTask = (id: number, changes: Changes, version: number) =>
  body(
    api.PATCH("/tasks/{task_id}", {
      params: { path: { task_id: id } },
      body: { ...changes, version } as TaskPatch, // only what is named changes
    }),
  );

function useRead(id: number) {
  const client = useQueryClient();
  return () => Promise.all([keys.task(id), keys.boards].map((queryKey) => client.invalidateQueries({ queryKey })));
}

/** The title or the description, for editing where it stands. */
export function useTaskText(task: Task, field: "title" | "description"): Editable {
  const read = useRead(task.id);
  return {
    name: `${task.id}.${field}`,
    value: task[field],
    version: task.version,
    save: async (value, version) => {
      await meant(task.id, { [field]: value });
      await patchTask(task.id, { [field]: value }, version);
      await read();
    },
    reread: async () => {
      await read();
      const now = await readTask(task.id);
      return { value: now[field], version: now.version };
    },
  };
}

/** Kind or priority: one click, written over whatever else changed meanwhile. */
export function useMark(task: Task) {
  const onSettled = useRead(task.id);
  return useMutation({
    mutationFn: async (changes: Pick<Changes, "kind" | "priority">) =>
      patchTask(task.id, changes, (await readTask(task.id)).version),
    onError: tellProblem,
    onSettled,
  });
}
