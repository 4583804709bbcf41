import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";

/** What an agent would be told now, read anew each time it is looked at: no event tells of all that goes into it. */
export const usePrompt = (taskId: number, role: string | null) =>
  useQuery({
    queryKey: [...keys.taskPart(taskId, "prompt"), role],
    queryFn: () => body(api.GET("/tasks/{task_id}/prompt", { params: { path: { task_id: taskId }, query: { role } } })),
    staleTime: 0,
    retry: false,
  });
