import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";

export const useNoticeSettings = () =>
  useQuery({ queryKey: keys.notices, queryFn: () => body(api.GET("/notices/settings")) });

export interface NoticeChanges {
  webhook_url?: string;
  secret?: string | null;
  command?: string[];
  enabled?: boolean;
}

export function useNoticeEdit() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ version, ...changes }: NoticeChanges & { version: number }) =>
      body(api.PATCH("/notices/settings", { body: { version, ...changes } as never })), // only what is named changes
    onSuccess: (row) => client.setQueryData(keys.notices, row),
    onError: () => client.invalidateQueries({ queryKey: keys.notices }), // most often another saved meanwhile
  });
}

export const useNoticeTest = () => useMutation({ mutationFn: () => body(api.POST("/notices/test")) });
