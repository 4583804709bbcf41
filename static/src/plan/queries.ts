import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { allOf, pageOf } from "../api/pages";
import type { Plan, PlanPatch } from "../api/types";
import { tellProblem } from "../problem/tell";
import { wasEdited } from "./words";

const PAGE = 100;

/** All of the hub that wait for a person. */
export const useWaitingPlans = () =>
  useQuery({
    queryKey: [...keys.plans, "waiting"],
    queryFn: () =>
      allOf((cursor) => api.GET("/plans", { params: { query: { state: ["waiting"], cursor, limit: PAGE } } })),
  });

/** All versions that were made of a request. */
export const usePlansOfRequest = (request: number) =>
  useQuery({
    queryKey: [...keys.plans, "for", request],
    queryFn: () =>
      allOf((cursor) => api.GET("/plans", { params: { query: { request_id: request, cursor, limit: PAGE } } })),
  });

/** All of a project, or of the hub, newest first. */
export const usePlanPages = (project: number | null | undefined) =>
  useInfiniteQuery({
    queryKey: keys.plansOf(project ?? null),
    queryFn: ({ pageParam: cursor }) =>
      pageOf(api.GET("/plans", { params: { query: { project_id: project ?? null, cursor, limit: PAGE } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    enabled: project !== undefined,
  });

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

/** Against the PM's own words where a person edited it, else against the version before. */
export function usePlanDiff(plan: Plan | undefined) {
  const id = plan?.id ?? 0;
  const comparable = plan !== undefined && (plan.number > 1 || wasEdited(plan));
  return useQuery({
    queryKey: [...keys.planDiff(id), plan?.version],
    queryFn: () => body(api.GET("/plans/{plan_id}/diff", { params: { path: { plan_id: id } } })),
    enabled: comparable,
    retry: false,
  });
}

export function useEditPlan(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (patch: PlanPatch) =>
      body(api.PATCH("/plans/{plan_id}", { params: { path: { plan_id: id } }, body: patch })),
    onSuccess: (plan) => {
      client.setQueryData(keys.plan(id), plan);
      return client.invalidateQueries({ queryKey: keys.plans });
    },
    onError: () => client.invalidateQueries({ queryKey: keys.plan(id) }),
  });
}

/** What nobody has begun is planned anew; `after` runs when the PM has it. */
export function useReplan(id: number, after: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      body(api.POST("/plans/{plan_id}/replan", { params: { path: { plan_id: id } }, body: { reason } })),
    onSuccess: after,
    onSettled: () =>
      Promise.all([keys.plans, keys.requests, keys.boards].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export type PlanWord =
  { say: "approve"; version: number } | { say: "change"; words: string } | { say: "reject"; words: string };

/** `after` runs also when the buttons are gone by then. */
export function useDecidePlan(id: number, after: (word: PlanWord) => void) {
  const client = useQueryClient();
  const params = { path: { plan_id: id } };
  return useMutation({
    mutationFn: (word: PlanWord) => {
      if (word.say === "approve")
        return body(api.POST("/plans/{plan_id}/approve", { params, body: { version: word.version } }));
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
    onError: (error) => {
      tellProblem(error);
      return client.invalidateQueries({ queryKey: keys.plan(id) });
    },
  });
}
