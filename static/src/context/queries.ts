import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { NoteKind } from "./words";

/** What an agent would be told now, read anew each time it is looked at: no event tells of all that goes into it. */
export const usePrompt = (taskId: number, role: string | null) =>
  useQuery({
    queryKey: [...keys.taskPart(taskId, "prompt"), role],
    queryFn: () => body(api.GET("/tasks/{task_id}/prompt", { params: { path: { task_id: taskId }, query: { role } } })),
    staleTime: 0,
    retry: false,
  });

export const useContext = (taskId: number) =>
  useQuery({
    queryKey: keys.taskPart(taskId, "context"),
    queryFn: () => body(api.GET("/tasks/{task_id}/context", { params: { path: { task_id: taskId } } })),
  });

/** Keeps a note on the task; the next agent is told of it. */
export function useTellAgents(taskId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (said: Partial<Record<NoteKind, string[]>>) =>
      body(
        api.POST("/tasks/{task_id}/update-context", {
          params: { path: { task_id: taskId } },
          body: { notes: [], decisions: [], files: [], open_points: [], ...said },
        }),
      ),
    onSuccess: () =>
      Promise.all(
        (["context", "prompt"] as const).map((part) =>
          client.invalidateQueries({ queryKey: keys.taskPart(taskId, part) }),
        ),
      ),
  });
}
