import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Clone, CloneIn } from "../api/types";
import { useProjectsChanged } from "./queries";

const FOLLOW_MS = 500;
const at = (project_id: number) => ({ params: { path: { project_id } } });

export const useArchived = (when: boolean) =>
  useQuery({
    queryKey: keys.archived,
    queryFn: () => body(api.GET("/projects", { params: { query: { archived: true } } })),
    enabled: when,
  });

/** How its folder stands, as git tells now. */
export const useGitState = (id: number) =>
  useQuery({
    queryKey: keys.gitState(id),
    queryFn: async () =>
      (await body(api.GET("/git/status", { params: { query: { project_id: id, limit: 1 } } })))[0] ?? null,
    staleTime: 15_000, // a person works in the folder without a word to the hub
  });

/** What each project has cost so far, by its id. */
export const useCosts = () =>
  useQuery({
    queryKey: keys.budgets,
    queryFn: () => body(api.GET("/budgets")),
    select: ({ projects }) => new Map(projects.map((one) => [one.project_id, one])),
    staleTime: 15_000,
  });

export const usePreview = () =>
  useMutation({
    mutationFn: (workspace_path: string) => body(api.POST("/projects/preview", { body: { workspace_path } })),
  });

/** The clones that are under way or over; asked again while one goes on. */
export const useClones = () =>
  useQuery({
    queryKey: keys.clones,
    queryFn: () => body(api.GET("/clones")),
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === "running") ? FOLLOW_MS : false),
  });

export function useClone() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (clone: CloneIn) => body(api.POST("/clones", { body: clone })),
    onSuccess: (one) => client.setQueryData<Clone[]>(keys.clones, (known = []) => [one, ...known]),
  });
}

export function useCancelClone() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (clone_id: number) => body(api.POST("/clones/{clone_id}/cancel", { params: { path: { clone_id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.clones }),
  });
}

export const useRemoval = (id: number) =>
  useQuery({
    queryKey: keys.removal(id),
    queryFn: () => body(api.GET("/projects/{project_id}/removal", at(id))),
    staleTime: 0,
  });

export function useGoing(id: number) {
  const onSettled = useProjectsChanged();
  return useMutation({
    mutationFn: ({ what, force }: { what: "archive" | "delete"; force: boolean }) => {
      const params = { params: { path: { project_id: id }, query: { force } } };
      return what === "archive"
        ? body<unknown>(api.POST("/projects/{project_id}/archive", params))
        : body<unknown>(api.DELETE("/projects/{project_id}", params));
    },
    onSettled,
  });
}

export function useUnarchive() {
  const onSettled = useProjectsChanged();
  return useMutation({
    mutationFn: (id: number) => body(api.POST("/projects/{project_id}/unarchive", at(id))),
    onSettled,
  });
}

export interface NewPlace {
  workspace_path: string;
  default_branch?: string;
}

export const useForeseen = (id: number) =>
  useMutation({
    mutationFn: (place: NewPlace) =>
      body(api.POST("/projects/{project_id}/workspace/foresee", { ...at(id), body: place })),
  });

export function useSwitch(id: number) {
  const onSettled = useProjectsChanged();
  return useMutation({
    mutationFn: (place: NewPlace & { version: number; allow_dirty: boolean; other_repository: boolean }) =>
      body(api.POST("/projects/{project_id}/workspace", { ...at(id), body: place })),
    onSettled,
  });
}

export function useDiscover(id: number) {
  const onSettled = useProjectsChanged();
  return useMutation({
    mutationFn: ({ version, recipe }: { version: number; recipe: boolean }) =>
      body(api.POST("/projects/{project_id}/discover", { ...at(id), body: { version, recipe } })),
    onSettled,
  });
}
