import type { Plan } from "../api/types";

type Known = Pick<Plan, "id" | "request_id" | "number" | "state">;

/** The newest plan of the same request, where that is another one than this. Tries that were put aside don't count. */
export function newerOf<Each extends Known>(plan: Known, plans: readonly Each[]): Each | undefined {
  return plans
    .filter((each) => each.request_id === plan.request_id && each.number > plan.number && each.state !== "draft")
    .sort((one, other) => other.number - one.number)[0];
}
