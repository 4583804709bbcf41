import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { tellProblem } from "../problem/tell";
import { STANDINGS } from "./timeline";

export function useKill(taskId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.POST("/runs/{run_id}/kill", { params: { path: { run_id: id } } })),
    onSuccess: () =>
      Promise.all(
        [keys.task(taskId), keys.boards, keys.summary].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
    onError: tellProblem,
  });
}

const PAGE = 2_000;

/** How the task stood, change by change, oldest first. */
export const useStandings = (taskId: number) =>
  useQuery({
    queryKey: keys.taskPart(taskId, "waits"),
    queryFn: () =>
      body(api.GET("/events", { params: { query: { task_id: taskId, kind: [...STANDINGS], after: 0, limit: PAGE } } })),
  });
