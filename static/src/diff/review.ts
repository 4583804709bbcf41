import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { ReviewComment, ReviewDraft } from "../api/types";

const at = (task_id: number) => ({ params: { path: { task_id } } });

/** The change that waits for a word, and what people said to its lines. */
export const useReview = (taskId: number, wanted = true) =>
  useQuery({
    enabled: wanted,
    queryKey: keys.taskPart(taskId, "review"),
    queryFn: () => body(api.GET("/tasks/{task_id}/review", at(taskId))),
  });

function useReviewRead(taskId: number) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.taskPart(taskId, "review") });
}

/** A comment to a line; it goes to DEV when the review is sent. */
export function useNote(taskId: number) {
  const onSuccess = useReviewRead(taskId);
  return useMutation({
    mutationFn: (draft: ReviewDraft) =>
      body(api.POST("/tasks/{task_id}/review/comments", { ...at(taskId), body: draft })),
    onSuccess,
  });
}

export function useEditNote({ id, task_id, severity }: ReviewComment) {
  const onSettled = useReviewRead(task_id);
  return useMutation({
    mutationFn: ({ text, version }: { text: string; version: number }) =>
      body(
        api.PATCH("/tasks/{task_id}/review/comments/{comment_id}", {
          params: { path: { task_id, comment_id: id } },
          body: { text, severity, version },
        }),
      ),
    onSettled,
  });
}

export function useDropNote({ id, task_id }: ReviewComment) {
  const onSettled = useReviewRead(task_id);
  return useMutation({
    mutationFn: () =>
      body(
        api.DELETE("/tasks/{task_id}/review/comments/{comment_id}", {
          params: { path: { task_id, comment_id: id } },
        }),
      ),
    onSettled,
  });
}
