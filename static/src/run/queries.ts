import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { tellProblem } from "../problem/tell";

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
