import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { asProblem } from "../api/problem";
import type { WayBack } from "../api/types";
import { tellDone } from "../problem/tell";
import { doneWords, type Way } from "./words";

const at = (id: number) => ({ path: { task_id: id } });

/** All that the task can go back to, and what was done of it. */
export const useWaysBack = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "waysBack"),
    queryFn: () => body(api.GET("/tasks/{task_id}/checkpoints", { params: at(id) })),
  });

interface Words {
  dry_run: boolean;
  expected: string | null;
  note: string;
  force: boolean;
}

function send(id: number, way: Way, words: Words): Promise<WayBack> {
  const params = at(id);
  if (way.kind === "undo_merge") return body(api.POST("/tasks/{task_id}/undo-merge", { params, body: words }));
  if (way.kind === "recover")
    return body(api.POST("/tasks/{task_id}/recover", { params, body: { ...words, ref: way.to } }));
  return body(api.POST("/tasks/{task_id}/rollback", { params, body: { ...words, run_id: way.to } }));
}

/** What it would change, looked at anew each time: a branch moves while nobody looks. */
export const useForeseen = (id: number, way: Way | null) =>
  useQuery({
    queryKey: [...keys.taskPart(id, "waysBack"), "foreseen", way],
    queryFn: () => send(id, way as Way, { dry_run: true, expected: null, note: "", force: false }),
    enabled: way !== null,
    gcTime: 0,
    retry: false,
  });

/** Does it, only while the branch is where the person saw it. `after` runs when it is done. */
export function useGoBack(id: number, key: string, after: () => void) {
  const client = useQueryClient();
  const changed = () =>
    Promise.all(
      [keys.task(id), keys.boards, keys.summary, keys.inboxes].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
  return useMutation({
    mutationFn: ({ way, ...words }: { way: Way } & Omit<Words, "dry_run">) =>
      send(id, way, { ...words, dry_run: false }),
    onSuccess: ({ kind }) => {
      tellDone(doneWords(kind, key));
      after();
      return changed();
    },
    onError: (error) => {
      if (asProblem(error).code === "conflict") void changed();
    },
  });
}

export function usePushAgain(projectId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST("/projects/{project_id}/push", { params: { path: { project_id: projectId } } })),
    onSuccess: ({ branch, remote }) => {
      tellDone(`${branch} is pushed to ${remote} now; if it is refused again, it comes back here.`);
      return Promise.all([keys.inboxes, keys.summary].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
}

/** The project's newest pushes. */
export const usePushes = (projectId: number) =>
  useQuery({
    queryKey: keys.pushes(projectId),
    queryFn: () =>
      body(
        api.GET("/projects/{project_id}/pushes", { params: { path: { project_id: projectId }, query: { limit: 5 } } }),
      ),
  });
