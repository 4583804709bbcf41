import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { tellDone, tellProblem } from "../problem/tell";

export const useDeploys = (project: number) =>
  useQuery({
    queryKey: keys.deploys(project),
    queryFn: () => body(api.GET("/projects/{project_id}/deploys", { params: { path: { project_id: project } } })),
  });

export const useDeploy = (id: number) =>
  useQuery({
    queryKey: keys.deploy(id),
    queryFn: () => body(api.GET("/deploys/{deploy_id}", { params: { path: { deploy_id: id } } })),
  });

/** The run that carries a deploy, whose output is followed. */
export const useRunOf = (runId: string, wanted: boolean) =>
  useQuery({
    queryKey: [...keys.allDeploys, "run", runId],
    queryFn: () => body(api.GET("/runs/{run_id}", { params: { path: { run_id: runId } } })),
    enabled: wanted,
  });

export function useDeployNow(project: number) {
  const onSettled = useDeploysChanged();
  return useMutation({
    mutationFn: () => body(api.POST("/projects/{project_id}/deploy", { params: { path: { project_id: project } } })),
    onSuccess: () => tellDone("It is deployed when its turn comes."),
    onError: tellProblem,
    onSettled,
  });
}

export function useCancelDeploy() {
  const onSettled = useDeploysChanged();
  return useMutation({
    mutationFn: (id: number) => body(api.POST("/deploys/{deploy_id}/cancel", { params: { path: { deploy_id: id } } })),
    onSuccess: () => tellDone("It is ended. What it had done by then stays done."),
    onError: tellProblem,
    onSettled,
  });
}

/** By their names: values are never told. */
export const useCredentials = () =>
  useQuery({ queryKey: keys.credentials, queryFn: () => body(api.GET("/credentials")) });

/** `after` is told its name. */
export function useStoreCredential(after: (name: string) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (secret: { provider: string; label: string; value: string }) =>
      body(api.POST("/credentials", { body: secret })),
    onSuccess: async ({ provider, label }) => {
      await client.invalidateQueries({ queryKey: keys.credentials });
      after(`${provider}/${label}`);
    },
  });
}

function useDeploysChanged() {
  const client = useQueryClient();
  return () =>
    Promise.all([keys.allDeploys, keys.inboxes, keys.boards].map((queryKey) => client.invalidateQueries({ queryKey })));
}
