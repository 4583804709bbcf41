import type { Plan, Request } from "../api/types";

const FAILED_SHOWN_MS = 24 * 3600_000;

export interface UnderWay {
  request: Request;
  plan: Plan | null;
}

/** Requests on their way to a plan or with a plan that waits, the newest first, each with its newest plan. */
export function underWay(requests: Request[], plans: Plan[], project: number | null, now = Date.now()): UnderWay[] {
  return requests
    .filter((request) => project === null || request.project_id === project)
    .map((request) => ({ request, plan: newestOf(plans, request.id) }))
    .filter(({ request, plan }) => {
      if (request.state === "new" || request.state === "planning") return true;
      if (request.state === "planned") return plan?.state === "waiting";
      return request.state === "failed" && now - Date.parse(request.updated_at) < FAILED_SHOWN_MS;
    })
    .sort((one, other) => other.request.id - one.request.id);
}

function newestOf(plans: Plan[], request: number): Plan | null {
  const mine = plans.filter((plan) => plan.request_id === request);
  return mine.reduce<Plan | null>(
    (newest, plan) => (newest === null || plan.number > newest.number ? plan : newest),
    null,
  );
}
