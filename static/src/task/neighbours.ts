import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Task, TaskRow } from "../api/types";
import type { Edge } from "./graph";

const MOST = 24;
const STEPS = 3;

export interface Neighbours {
  tasks: TaskRow[];
  edges: Edge[];
  /** There are more than are shown. */
  cut: boolean;
}

const around = (id: number) => body(api.GET("/tasks/{task_id}/dependencies", { params: { path: { task_id: id } } }));

/** What a task waits for and what waits for it, a few steps far. */
async function neighboursOf(task: Task): Promise<Neighbours> {
  const tasks = new Map<number, TaskRow>([[task.id, task]]);
  const edges = new Map<string, Edge>();
  let next = [task.id];
  for (let step = 0; step < STEPS && next.length > 0 && tasks.size < MOST; step++) {
    const found = await Promise.all(next.map(async (id) => ({ id, ...(await around(id)) })));
    const fresh: number[] = [];
    for (const { id, blocked_by, blocks } of found) {
      for (const other of [...blocked_by, ...blocks]) {
        if (tasks.size >= MOST || tasks.has(other.id)) continue;
        tasks.set(other.id, other);
        fresh.push(other.id);
      }
      for (const { id: from } of blocked_by) edges.set(`${from}-${id}`, { from, to: id });
      for (const { id: to } of blocks) edges.set(`${id}-${to}`, { from: id, to });
    }
    next = fresh;
  }
  const shown = [...edges.values()].filter(({ from, to }) => tasks.has(from) && tasks.has(to));
  return { tasks: [...tasks.values()], edges: shown, cut: next.length > 0 };
}

export const useNeighbours = (task: Task) =>
  useQuery({ queryKey: [...keys.around, "graph", task.id], queryFn: () => neighboursOf(task) });
