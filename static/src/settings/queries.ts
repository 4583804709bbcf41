import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { SettingName, SettingsPatch } from "../api/types";

export const useSettings = () =>
  useQuery({ queryKey: keys.settings, queryFn: () => body(api.GET("/settings")), staleTime: 0 });

export const useSettingVersions = () =>
  useQuery({ queryKey: keys.settingVersions, queryFn: () => body(api.GET("/settings/versions")) });

export type Value = string | number | boolean | null;

export interface Change {
  version: number;
  name: SettingName;
  /** Undefined gives it back to the environment. */
  value: Value | undefined;
}

/** What was typed names one setting; the generated type asks for all, as they have defaults. */
const patchOf = ({ version, name, value }: Change) =>
  (value === undefined ? { version, reset: [name] } : { version, [name]: value }) as unknown as SettingsPatch;

export function useChange() {
  const read = useSettingsRead();
  return useMutation({
    mutationFn: (change: Change) => body(api.PATCH("/settings", { body: patchOf(change) })),
    onSettled: read,
  });
}

export function useUndo() {
  const read = useSettingsRead();
  return useMutation({
    mutationFn: (versions: { version: number; undo: number }) => body(api.POST("/settings/undo", { body: versions })),
    onSettled: read,
  });
}

function useSettingsRead() {
  const client = useQueryClient();
  return () => Promise.all([keys.settings, keys.summary].map((queryKey) => client.invalidateQueries({ queryKey })));
}
