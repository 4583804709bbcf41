import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Comment, CommentPatch } from "../api/types";
import { tellProblem } from "../problem/tell";
import type { Editable } from "./useInPlace";

function useTalkRead(taskId: number) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.taskPart(taskId, "comments") });
}

/** `after` is called also where the form is gone by then. */
export function useSay(taskId: number, after: () => void) {
  const onSettled = useTalkRead(taskId);
  return useMutation({
    mutationFn: (words: string) =>
      body(api.POST("/tasks/{task_id}/comments", { params: { path: { task_id: taskId } }, body: { body: words } })),
    onSuccess: after,
    onSettled,
  });
}

export function useUnsay({ task_id, id }: Comment) {
  const onSettled = useTalkRead(task_id);
  return useMutation({
    mutationFn: () =>
      body(api.DELETE("/tasks/{task_id}/comments/{comment_id}", { params: { path: { task_id, comment_id: id } } })),
    onError: tellProblem,
    onSettled,
  });
}

/** A person's own words, for editing where they stand. */
export function useWords({ task_id, id, body: value, version }: Comment): Editable {
  const read = useTalkRead(task_id);
  const params = { path: { task_id, comment_id: id } };
  return {
    name: `comment.${id}`,
    value,
    version,
    save: async (words, known) => {
      const changes: CommentPatch = { body: words, version: known };
      await body(api.PATCH("/tasks/{task_id}/comments/{comment_id}", { params, body: changes }));
      await read();
    },
    reread: async () => {
      const now = await body(api.GET("/tasks/{task_id}/comments/{comment_id}", { params }));
      return { value: now.body, version: now.version };
    },
  };
}
