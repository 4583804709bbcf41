import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { ProjectPatch, UsedUp } from "../api/types";
import { tellDone, tellProblem } from "../problem/tell";
import { dollars, lets } from "./words";

/** Raises the budget that an inbox item is about. `after` runs also when the item is gone by then. */
export function useRaise(budget: UsedUp) {
  const client = useQueryClient();
  const changed = () =>
    Promise.all(
      [keys.inboxes, keys.summary, keys.boards, keys.projects, keys.requests].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
  return useMutation({
    mutationFn: (usd: number) => raise(budget, usd),
    onSuccess: (_answer, usd) => {
      tellDone(`Raised to ${dollars(usd)}. ${lets(budget)}`);
      return changed();
    },
    onError: (error) => {
      tellProblem(error);
      void changed();
    },
  });
}

function raise({ scope, key, project_version }: UsedUp, usd: number): Promise<unknown> {
  if (scope === "run")
    return body(api.PUT("/budgets/runs/{run_id}", { params: { path: { run_id: key } }, body: { limit_usd: usd } }));
  if (scope === "day") return body(api.PUT("/budgets/today", { body: { limit_usd: usd } }));
  const change = { version: project_version, budget_usd: usd } as ProjectPatch; // only what is named changes
  return body(api.PATCH("/projects/{project_id}", { params: { path: { project_id: Number(key) } }, body: change }));
}
