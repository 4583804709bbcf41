import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Criterion, CriterionPatch } from "../api/types";
import { meant } from "../feedback/means";
import { asProblem } from "../api/problem";
import { tellProblem } from "../problem/tell";
import { afterConflict } from "./inPlace";

export const useCriteria = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "criteria"),
    queryFn: () => readCriteria(id),
  });

const readCriteria = (id: number) => body(api.GET("/tasks/{task_id}/criteria", { params: { path: { task_id: id } } }));

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

const patch = (id: number, criterion: Pick<Criterion, "id" | "version">, changes: Omit<Patch, "version">) =>
  body(
    api.PATCH("/tasks/{task_id}/criteria/{criterion_id}", {
      params: { path: { task_id: id, criterion_id: criterion.id } },
      body: { ...changes, version: criterion.version } as CriterionPatch, // only what is named changes
    }),
  );

type Patch = Partial<CriterionPatch>;

/** The person's word on a criterion: it holds, or it does not. */
export function useJudgeCriterion(id: number, criterion: Criterion) {
  return useMutation({
    mutationFn: (met: boolean | null) => patch(id, criterion, { met }),
    onError: tellProblem,
    onSettled: useCriteriaRead(id),
  });
}

export interface CriterionWords {
  text: string;
  check: string;
}

const TRIES = 2;
const joined = ({ text, check }: CriterionWords): string => JSON.stringify([text, check]);

/** Other words for a criterion, over those it had when its editing began. Where another was quicker, `theirs` is what
 * stands now, and nothing is written before the person says so once more. */
export function useCriterionWords(id: number, criterion: Criterion, done: () => void) {
  const [begun, setBegun] = useState(criterion);
  const [theirs, setTheirs] = useState<CriterionWords | null>(null);
  const write = async (mine: CriterionWords, over: Criterion, tries: number): Promise<boolean> => {
    try {
      await patch(id, over, mine);
      return true;
    } catch (error) {
      if (asProblem(error).status !== 409 || tries === 0) throw error;
      const now = (await readCriteria(id)).find((each) => each.id === criterion.id);
      if (now === undefined) throw error;
      const next = afterConflict({ begun: joined(over), theirs: joined(now), mine: joined(mine) });
      if (next === "same") return true;
      if (next === "again") return write(mine, now, tries - 1);
      setBegun(now);
      setTheirs(now);
      return false;
    }
  };
  const save = useMutation({
    mutationFn: async (mine: CriterionWords) => {
      await meant(id, { criteria: "changed" });
      return write(mine, begun, TRIES);
    },
    onSuccess: (written) => written && done(),
    onError: tellProblem,
    onSettled: useCriteriaRead(id),
  });
  return { save, theirs };
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
