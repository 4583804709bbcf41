import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { LogLevel, LogPage } from "../api/types";
import { tellDone, tellProblem } from "../problem/tell";
import type { Between } from "./words";
import { nameOf, sizeWords } from "./words";

export interface Filter {
  levels: readonly LogLevel[];
  text: string;
}

interface Range {
  after?: string;
  before?: string;
  between?: Between | null;
  order?: "newest" | "oldest";
  limit?: number;
}

export const useLogs = () =>
  useQuery({ queryKey: keys.logs, queryFn: () => body(api.GET("/logs")), refetchInterval: 15_000 });

export function readLog(name: string, filter: Filter, range: Range, signal?: AbortSignal): Promise<LogPage> {
  const query = {
    after: range.after || null,
    before: range.before || null,
    since: range.between?.since ?? null,
    until: range.between?.until ?? null,
    level: filter.levels.length > 0 ? [...filter.levels] : null,
    text: filter.text,
    order: range.order ?? "newest",
    limit: range.limit ?? 300,
  } as const;
  return body(api.GET("/logs/{name}", { params: { path: { name }, query }, signal: signal ?? null }));
}

/** The line with nothing left out. */
export const useWholeLine = (name: string, position: string, wanted: boolean) =>
  useQuery({
    queryKey: [...keys.logs, name, position],
    queryFn: () => body(api.GET("/logs/{name}/lines/{position}", { params: { path: { name, position } } })),
    enabled: wanted,
    staleTime: Infinity,
    gcTime: 30_000,
  });

export function useClear(name: string, done: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST("/logs/{name}/clear", { params: { path: { name } } })),
    onSuccess: ({ bytes }) => {
      tellDone(`The log of ${nameOf(name)} is empty: ${sizeWords(bytes)} were thrown away.`);
      void client.invalidateQueries({ queryKey: keys.logs });
      done();
    },
    onError: tellProblem,
  });
}
