import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { tellProblem } from "../problem/tell";

const SHOWN = 100;

export function usePlans() {
  return useQuery({
    queryKey: keys.plans,
    queryFn: () => body(api.GET("/plans", { params: { query: { limit: SHOWN } } })),
  });
}

export function usePlan(id: number) {
  return useQuery({
    queryKey: keys.plan(id),
    queryFn: () => body(api.GET("/plans/{plan_id}", { params: { path: { plan_id: id } } })),
  });
}

export function usePlanProgress(id: number, wanted: boolean) {
  return useQuery({
    queryKey: keys.progress(id),
    queryFn: () => body(api.GET("/plans/{plan_id}/progress", { params: { path: { plan_id: id } } })),
    enabled: wanted,
  });
}

export type PlanWord = { say: "approve" } | { say: "change"; words: string } | { say: "reject"; words: string };

/** `after` runs also when the buttons are gone by then. */
export function useDecidePlan(id: number, after: (word: PlanWord) => void) {
  const client = useQueryClient();
  const params = { path: { plan_id: id } };
  return useMutation({
    mutationFn: (word: PlanWord) => {
      if (word.say === "approve") return body(api.POST("/plans/{plan_id}/approve", { params }));
      if (word.say === "change")
        return body(api.POST("/plans/{plan_id}/request-changes", { params, body: { feedback: word.words } }));
      return body(api.POST("/plans/{plan_id}/reject", { params, body: { note: word.words } }));
    },
    onSuccess: (plan, word) => {
      after(word);
      client.setQueryData(keys.plan(id), plan);
      return Promise.all(
        [keys.plans, keys.requests, keys.summary, keys.inboxes, keys.boards].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
    },
    onError: tellProblem,
  });
}
