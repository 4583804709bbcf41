import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { components } from "../api/schema";

export type Schemas = components["schemas"];
export type Models = Schemas["ModelsOut"];
export type Provider = Schemas["ProviderOut"];
export type Tried = Schemas["ProviderTried"];

export const useInstalled = () =>
  useQuery({ queryKey: keys.installed, queryFn: () => body(api.GET("/models")), staleTime: 10_000 });

export const useProviders = () => useQuery({ queryKey: keys.providers, queryFn: () => body(api.GET("/providers")) });

/** An address is tried without being kept. */
export const useTry = () =>
  useMutation({
    mutationFn: (provider: Schemas["ProviderTry"]) => body(api.POST("/providers/test", { body: provider })),
  });

/** A provider's address or key is kept, and tested; what is sent of a key is never told again. */
export function useKeep() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, ...patch }: { name: string; version: number; url?: string; key?: string }) =>
      body(
        api.PATCH("/providers/{name}", {
          params: { path: { name } },
          body: patch as Schemas["ProviderPatch"], // only what is named changes
        }),
      ),
    onSettled: () =>
      Promise.all([keys.models, keys.providers].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

/** The model of all roles for which nobody says another. */
export function useDefaultModel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (model: string) => {
      const { version } = await body(api.GET("/settings"));
      return body(api.PATCH("/settings", { body: { version, default_model: model } as Schemas["SettingsPatch"] }));
    },
    onSettled: () =>
      Promise.all([keys.models, keys.settings, keys.summary].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
