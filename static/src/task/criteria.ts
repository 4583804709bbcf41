import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Criterion, CriterionPatch } from "../api/types";
import { meant } from "../feedback/means";
import { tellProblem } from "../problem/tell";

export const useCriteria = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "criteria"),
    queryFn: () => body(api.GET("/tasks/{task_id}/criteria", { params: { path: { task_id: id } } })),
  });

function useCriteriaRead(id: number) {
  const client = useQueryClient();
  return () =>
    Promise.all(
      (["criteria", "evidence"] as const).map((part) =>
        client.invalidateQueries({ queryKey: keys.taskPart(id, part) }),
      ),
    );
}

export function useNewCriterion(id: number) {
  const read = useCriteriaRead(id);
  return useMutation({
    mutationFn: async (words: { text: string; check: string }) => {
      await meant(id, { criteria: "added" });
      return body(api.POST("/tasks/{task_id}/criteria", { params: { path: { task_id: id } }, body: words }));
    },
    onSettled: read,
  });
}

/** The person's word on a criterion, or other words for it. */
export function useEditCriterion(id: number, criterion: Criterion) {
  const read = useCriteriaRead(id);
  const path = { task_id: id, criterion_id: criterion.id };
  return useMutation({
    mutationFn: async (changes: Partial<Omit<CriterionPatch, "version">>) => {
      if (changes.text !== undefined || changes.check !== undefined) await meant(id, { criteria: "changed" });
      return body(
        api.PATCH("/tasks/{task_id}/criteria/{criterion_id}", {
          params: { path },
          body: { ...changes, version: criterion.version } as CriterionPatch, // only what is named changes
        }),
      );
    },
    onError: tellProblem,
    onSettled: read,
  });
}

export function useDropCriterion(id: number, criterion: Criterion) {
  const read = useCriteriaRead(id);
  const path = { task_id: id, criterion_id: criterion.id };
  return useMutation({
    mutationFn: async () => {
      await meant(id, { criteria: "removed" });
      return body(api.DELETE("/tasks/{task_id}/criteria/{criterion_id}", { params: { path } }));
    },
    onError: tellProblem,
    onSettled: read,
  });
}
