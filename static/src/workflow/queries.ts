import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { components } from "../api/schema";

const at = (name: string) => ({ params: { path: { name } } });

export const useWorkflows = () =>
  useQuery({ queryKey: keys.workflows, queryFn: () => body(api.GET("/workflows")), staleTime: 0 });

export const useWorkflow = (name: string) =>
  useQuery({
    queryKey: keys.workflow(name),
    queryFn: () => body(api.GET("/workflows/{name}", at(name))),
    staleTime: 0,
    retry: false,
  });

export const useWorkflowDiff = (name: string, from: number, to: number) =>
  useQuery({
    queryKey: keys.workflowDiff(name, from, to),
    queryFn: () => body(api.GET("/workflows/{name}/diff", { params: { path: { name }, query: { from, to } } })),
  });

export const sourceOf = async (name: string, version: number): Promise<string> =>
  (await body(api.GET("/workflows/{name}", { params: { path: { name }, query: { version } } }))).source;

/** The hub's own check; nothing is kept. */
export const check = (source: string) =>
  body(api.POST("/workflows/check", { body: { source, file: "workflow.yaml" } }));

type Put = components["schemas"]["WorkflowIn"];

export function usePutWorkflow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (put: Put) => body(api.POST("/workflows", { body: put })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.workflows }),
  });
}
