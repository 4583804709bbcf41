import type { operations } from "../api/schema";

type Query = NonNullable<operations["list_calls_model_calls_get"]["parameters"]["query"]>;
export type Outcome = NonNullable<Query["outcome"]>[number];

export interface CallFilter {
  model: string | null;
  role: string | null;
  run_id: string | null;
  outcome: Outcome | null;
  by: "run" | "owner" | null;
}

export const ALL_CALLS: CallFilter = { model: null, role: null, run_id: null, outcome: null, by: null };
export const OUTCOMES = ["open", "answered", "replayed", "failed", "refused", "abandoned"] as const;

/** As it stands in the address; what is not known there is left out. */
export function readCallFilter(asked: Readonly<Record<string, string>>): CallFilter {
  return {
    ...ALL_CALLS,
    model: asked.model ?? null,
    role: asked.role ?? null,
    run_id: asked.run_id ?? null,
    outcome: OUTCOMES.find((one) => one === asked.outcome) ?? null,
    by: asked.by === "run" || asked.by === "owner" ? asked.by : null,
  };
}
