import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { tellProblem } from "../problem/tell";
import { type Draft, type Schemas, tryOf } from "./provider";

export const useProviders = () =>
  useQuery({ queryKey: keys.providers, queryFn: () => body(api.GET("/providers")), staleTime: 0 });

const at = (name: string) => ({ params: { path: { name } } });

function useProvidersRead() {
  const client = useQueryClient();
  return () =>
    Promise.all([keys.providers, keys.health, keys.models].map((queryKey) => client.invalidateQueries({ queryKey })));
}

export function useAddProvider() {
  const onSettled = useProvidersRead();
  return useMutation({
    mutationFn: (draft: Draft) => body(api.POST("/providers", { body: tryOf(draft) })),
    onSettled,
  });
}

export function useSaveProvider(name: string) {
  const onSettled = useProvidersRead();
  return useMutation({
    mutationFn: (patch: Schemas["ProviderPatch"]) => body(api.PATCH("/providers/{name}", { ...at(name), body: patch })),
    onSettled,
  });
}

export const useTry = () =>
  useMutation({ mutationFn: (draft: Draft) => body(api.POST("/providers/test", { body: tryOf(draft) })) });

export const useTestAgain = (name: string) =>
  useMutation({ mutationFn: () => body(api.POST("/providers/{name}/test", at(name))), onError: tellProblem });

export function useRevoke(name: string) {
  const onSettled = useProvidersRead();
  return useMutation({
    mutationFn: (force: boolean) =>
      body(api.DELETE("/providers/{name}", { params: { path: { name }, query: { force } } })),
    onSettled,
  });
}

export function useUndoProvider(name: string) {
  const onSettled = useProvidersRead();
  return useMutation({
    mutationFn: (version: number) =>
      body(api.POST("/providers/{name}/undo", { ...at(name), body: { version, undo: version } })),
    onSettled,
  });
}
