import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { pageOf } from "../api/pages";
import type { ModelJob } from "../api/types";
import { tellProblem } from "../problem/tell";
import type { CallFilter } from "./filter";
import { isLive } from "./words";

const STEP_MS = 1_000;
const PAGE = 100;
const JOBS = 50;

export const useModelsThere = (context: number | null) =>
  useQuery({
    queryKey: [...keys.modelsThere, context],
    queryFn: () => body(api.GET("/models", { params: { query: { context } } })),
    placeholderData: (old) => old,
  });

/** Asked again each second while one of them is at work: how far it is, is no event. */
export const useModelJobs = () =>
  useQuery({
    queryKey: keys.modelJobs,
    queryFn: () => body(api.GET("/model-jobs", { params: { query: { limit: JOBS } } })),
    refetchInterval: ({ state }) => (state.data?.some(isLive) ? STEP_MS : false),
  });

function useJobsRead() {
  const client = useQueryClient();
  return () =>
    Promise.all([keys.modelJobs, keys.modelsThere].map((queryKey) => client.invalidateQueries({ queryKey })));
}

export function useAskForJob() {
  const onSettled = useJobsRead();
  return useMutation({
    mutationFn: ({ kind, model }: Pick<ModelJob, "kind" | "model">) =>
      body(api.POST("/model-jobs", { body: { kind, model, runs: 3 } })),
    onSettled,
  });
}

export function useCancelJob() {
  const onSettled = useJobsRead();
  return useMutation({
    mutationFn: (id: number) => body(api.POST("/model-jobs/{job_id}/cancel", { params: { path: { job_id: id } } })),
    onError: tellProblem,
    onSettled,
  });
}

export function useRemoveModel() {
  const onSettled = useJobsRead();
  return useMutation({
    mutationFn: (name: string) => body(api.DELETE("/models/{name}", { params: { path: { name } } })),
    onSettled,
  });
}

export const useRoleModels = (project: number | null) =>
  useQuery({
    queryKey: [...keys.roleModels, project],
    queryFn: () => body(api.GET("/models/roles", { params: { query: { project_id: project } } })),
  });

const asked = (project: number | null, { outcome, ...rest }: CallFilter) => ({
  ...rest,
  project_id: project,
  outcome: outcome === null ? null : [outcome],
});

export const useModelCalls = (project: number | null, filter: CallFilter) =>
  useInfiniteQuery({
    queryKey: [...keys.modelCalls, project, filter],
    queryFn: ({ pageParam }) =>
      pageOf(
        api.GET("/model-calls", {
          params: { query: { ...asked(project, filter), cursor: pageParam, limit: PAGE } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

export const useCallTotals = (project: number | null, filter: CallFilter) =>
  useQuery({
    queryKey: [...keys.modelCalls, "totals", project, filter],
    queryFn: () => body(api.GET("/model-calls/totals", { params: { query: asked(project, filter) } })),
    placeholderData: (old) => old,
  });

export const useModelCall = (id: number) =>
  useQuery({
    queryKey: [...keys.modelCalls, "one", id],
    queryFn: () => body(api.GET("/model-calls/{call_id}", { params: { path: { call_id: id } } })),
  });
