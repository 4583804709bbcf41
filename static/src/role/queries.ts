import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { allOf } from "../api/pages";
import type { RoleIn, RolePatch } from "../api/types";
import { tellProblem } from "../problem/tell";

const PAGE = 500;
const at = (name: string) => ({ params: { path: { name } } });

export const useRoles = () =>
  useQuery({
    queryKey: keys.roles,
    queryFn: () => allOf((cursor) => api.GET("/roles", { params: { query: { limit: PAGE, cursor } } })),
  });

export const useRole = (name: string) =>
  useQuery({ queryKey: keys.role(name), queryFn: () => body(api.GET("/roles/{name}", at(name))) });

export const useRoleVersions = (name: string) =>
  useQuery({ queryKey: keys.roleVersions(name), queryFn: () => body(api.GET("/roles/{name}/versions", at(name))) });

export const useRoleDiff = (name: string, from: number, to: number) =>
  useQuery({
    queryKey: keys.roleDiff(name, from, to),
    queryFn: () => body(api.GET("/roles/{name}/diff", { params: { path: { name }, query: { from, to } } })),
  });

/** The names that models are known by, to choose from; any other may be written. */
export const useModelNames = () =>
  useQuery({
    queryKey: keys.models,
    queryFn: async () => {
      const profiles = await allOf((cursor) =>
        api.GET("/model-profiles", { params: { query: { limit: PAGE, cursor } } }),
      );
      return profiles.map(({ name }) => name);
    },
  });

/** Also where it was refused: most often somebody else saved a version meanwhile. */
function useRolesRead() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.roles });
}

export function useEditRole(name: string) {
  const read = useRolesRead();
  return useMutation({
    mutationFn: (patch: RolePatch) => body(api.PATCH("/roles/{name}", { ...at(name), body: patch })),
    onSettled: read,
  });
}

export function useRevertRole(name: string) {
  const read = useRolesRead();
  return useMutation({
    mutationFn: (versions: { version: number; to: number }) =>
      body(api.POST("/roles/{name}/revert", { ...at(name), body: versions })),
    onError: tellProblem,
    onSettled: read,
  });
}

export function useNewRole() {
  const read = useRolesRead();
  return useMutation({
    mutationFn: (role: { name: string; title: string; prompt: string }) =>
      body(api.POST("/roles", { body: { principles: "", ...role } as RoleIn })), // the rest as the hub has it
    onSuccess: read,
  });
}
