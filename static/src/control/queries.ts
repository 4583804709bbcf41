import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Pauses, Word } from "../api/types";
import { tellDone, tellProblem } from "../problem/tell";

export type Verb = "pause" | "resume";

export const usePauses = () => useQuery({ queryKey: keys.pauses, queryFn: () => body(api.GET("/pause")) });

/** Whether a pause of everything, or of the project, covers what is in it. */
export const useStandsStill = (projectId: number): boolean =>
  useQuery({
    queryKey: keys.pauses,
    queryFn: () => body(api.GET("/pause")),
    select: (pauses: Pauses) => covers(pauses, projectId),
  }).data ?? false;

export const covers = (pauses: Pauses, projectId: number): boolean =>
  pauses.everything || pauses.pauses.some((one) => one.scope === "project" && one.project_id === projectId);

/** The hub's answer is a sentence that says how the agents stand: it is shown as it is. */
function useWord<T>(say: (what: T) => Promise<Word>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: say,
    onSuccess: (word) => tellDone(word.sentence),
    onError: tellProblem,
    onSettled: () =>
      Promise.all(
        [keys.pauses, keys.boards, keys.summary, keys.projects, keys.tasks].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

export const useAllWord = () =>
  useWord((verb: Verb) => body(verb === "pause" ? api.POST("/pause") : api.POST("/resume")));

export const useProjectWord = (project_id: number) =>
  useWord((verb: Verb) => {
    const at = { params: { path: { project_id } } };
    return body(
      verb === "pause" ? api.POST("/projects/{project_id}/pause", at) : api.POST("/projects/{project_id}/resume", at),
    );
  });

export const useTaskWord = (task_id: number) =>
  useWord((verb: Verb) => {
    const at = { params: { path: { task_id } } };
    return body(verb === "pause" ? api.POST("/tasks/{task_id}/pause", at) : api.POST("/tasks/{task_id}/resume", at));
  });

export const useRunWord = (run_id: string) =>
  useWord((verb: Verb) => {
    const at = { params: { path: { run_id } } };
    return body(verb === "pause" ? api.POST("/runs/{run_id}/pause", at) : api.POST("/runs/{run_id}/resume", at));
  });
