import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { usePlans } from "../plan/queries";
import { useProject } from "../project/queries";
import { tellProblem } from "../problem/tell";
import { type UnderWay, underWay } from "./underWay";

const SHOWN = 50;

export function useRequests() {
  return useQuery({
    queryKey: keys.requests,
    queryFn: () => body(api.GET("/requests", { params: { query: { limit: SHOWN } } })),
  });
}

/** Requests on their way to tasks, of the chosen project. */
export function useUnderWay(): UnderWay[] {
  const project = useProject();
  const requests = useRequests();
  const plans = usePlans();
  return underWay(requests.data ?? [], plans.data ?? [], project?.id ?? null);
}

export function useAsk() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: { project_id: number; text: string }) =>
      body(api.POST("/requests", { body: { kind: "idea", ...request } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.requests }),
    onError: tellProblem,
  });
}
