import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { tellProblem } from "../problem/tell";

const SHOWN = 50;

export function useRequests() {
  return useQuery({
    queryKey: keys.requests,
    queryFn: () => body(api.GET("/requests", { params: { query: { limit: SHOWN } } })),
  });
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
