import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";

export const useTaskQuestions = (taskId: number) =>
  useQuery({
    queryKey: keys.questions("task", taskId),
    queryFn: () => body(api.GET("/tasks/{task_id}/questions", { params: { path: { task_id: taskId } } })),
  });

export const usePlanQuestions = (planId: number) =>
  useQuery({
    queryKey: keys.questions("plan", planId),
    queryFn: () => body(api.GET("/questions", { params: { query: { plan_id: planId, sort: "id" } } })),
  });

/** All is read again also where it was refused: most often it was answered elsewhere meanwhile. `after` is called also
 * where the question is gone by then. */
export function useAnswer(id: number, after: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (answer: string) =>
      body(api.POST("/questions/{question_id}/answer", { params: { path: { question_id: id } }, body: { answer } })),
    onSuccess: after,
    onSettled: () =>
      Promise.all(
        [keys.allQuestions, keys.inboxes, keys.summary, keys.plans, keys.requests, keys.boards].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}
