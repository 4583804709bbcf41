import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { EditForeseenIn, Review, ReviewIn } from "../api/types";
import { asProblem } from "../api/problem";

const at = (id: number) => ({ params: { path: { task_id: id } } });

/** Who would hear it if the person said something now, and what waits to be heard. */
export const useListener = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "listener"),
    queryFn: () => body(api.GET("/tasks/{task_id}/feedback", at(id))),
  });

/** `after` is called also where the box is gone by then. */
export function useTellAgent(id: number, after: (sentence: string) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (text: string) => body(api.POST("/tasks/{task_id}/feedback", { ...at(id), body: { text } })),
    onSuccess: ({ sentence }) => after(sentence),
    onSettled: () =>
      Promise.all(
        (["listener", "comments"] as const).map((part) =>
          client.invalidateQueries({ queryKey: keys.taskPart(id, part) }),
        ),
      ),
  });
}

export function useTakeBack(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (comment_id: number) =>
      body(api.DELETE("/tasks/{task_id}/comments/{comment_id}", { params: { path: { task_id: id, comment_id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.task(id) }),
  });
}

/** `after` runs also when the bar is gone by then. A change that moved is read again; the comments stay. */
export function useSendReview(id: number, after: (sentence: string) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (review: ReviewIn) => body(api.POST("/tasks/{task_id}/review", { ...at(id), body: review })),
    onSuccess: ({ sentence }) => after(sentence),
    onSettled: () =>
      Promise.all(
        [keys.task(id), keys.boards, keys.inboxes, keys.summary].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

export const foresee = (id: number, edit: EditForeseenIn) =>
  body(api.POST("/tasks/{task_id}/edits/foresee", { ...at(id), body: edit }));

export const useForeseen = (id: number, edit: EditForeseenIn) =>
  useQuery({
    queryKey: [...keys.taskPart(id, "foreseen"), edit],
    queryFn: () => foresee(id, edit),
    staleTime: 0,
  });

/** Drafts that go with the next word, and what came of those that were sent. */
export function counted({ comments }: Review): { drafts: number; outdated: number; open: number; fixed: number } {
  const drafts = comments.filter(({ state }) => state === "draft");
  const found = (state: string) => comments.filter(({ finding }) => finding?.state === state).length;
  return {
    drafts: drafts.length,
    outdated: drafts.filter(({ outdated }) => outdated).length,
    open: found("open"),
    fixed: found("fixed"),
  };
}

export const moved = (error: unknown): boolean => error !== null && asProblem(error).code === "change_moved";
