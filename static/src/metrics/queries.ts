import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { components } from "../api/schema";
import type { SpanQuery } from "./span";

type Schemas = components["schemas"];
export type UsageRow = Schemas["UsageRow"];
export type RateRow = Schemas["PassRateRow"];
export type StageRow = Schemas["StageTimes"];
export type WaitRow = Schemas["WaitTimes"];
export type RoundsRow = Schemas["RoundsRow"];
export type DoneRow = Schemas["DoneDay"];
export type UsageBy = Schemas["UsageOut"]["by"];
export type RateBy = Schemas["PassRateOut"]["by"];
export type FigureName = "throughput" | "rounds" | "pass-rate" | "stages" | "waiting" | "usage";

export interface Asked extends SpanQuery {
  project_id?: number;
}

const STALE_MS = 30_000;
const kept = { staleTime: STALE_MS, placeholderData: <T>(old: T) => old };

export const useThroughput = (query: Asked) =>
  useQuery({
    queryKey: keys.metric("throughput", query),
    queryFn: () => body(api.GET("/metrics/throughput", { params: { query } })),
    ...kept,
  });

export const useRounds = (query: Asked) =>
  useQuery({
    queryKey: keys.metric("rounds", query),
    queryFn: () => body(api.GET("/metrics/rounds", { params: { query } })),
    ...kept,
  });

export const usePassRate = (query: Asked & { by: RateBy }) =>
  useQuery({
    queryKey: keys.metric("pass-rate", query),
    queryFn: () => body(api.GET("/metrics/pass-rate", { params: { query } })),
    ...kept,
  });

export const useStages = (query: Asked) =>
  useQuery({
    queryKey: keys.metric("stages", query),
    queryFn: () => body(api.GET("/metrics/stages", { params: { query } })),
    ...kept,
  });

export const useWaiting = (query: Asked) =>
  useQuery({
    queryKey: keys.metric("waiting", query),
    queryFn: () => body(api.GET("/metrics/waiting", { params: { query } })),
    ...kept,
  });

export const useUsage = (query: Asked & { by: UsageBy }) =>
  useQuery({
    queryKey: keys.metric("usage", query),
    queryFn: () => body(api.GET("/metrics/usage", { params: { query } })),
    ...kept,
  });

/** Where a figure's table is fetched as CSV. */
export function csvPath(figure: FigureName, query: Asked & { by?: string }): string {
  const asked = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return `/metrics/${figure}.csv?${new URLSearchParams(asked).toString()}`;
}
