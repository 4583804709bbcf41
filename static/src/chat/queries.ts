import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { problemOf } from "../api/problem";
import type { ChatMessage } from "../api/types";
import { tellProblem } from "../problem/tell";

const PAGE = 30;

/** A thread: of a project, or of one of its tasks. */
export interface ThreadPlace {
  project: number;
  task: number | null;
}

export const useThreads = (project: number | null) =>
  useQuery({
    queryKey: keys.threads(project),
    queryFn: () =>
      body(api.GET("/chat/threads", { params: { query: project === null ? {} : { project_id: project } } })),
  });

/** What was said, the newest page first. */
export function useMessages({ project, task }: ThreadPlace) {
  return useInfiniteQuery({
    queryKey: keys.messages(project, task),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam }) => {
      const query = { project_id: project, limit: PAGE, ...(task !== null && { task_id: task }) };
      const { data, error, response } = await api.GET("/chat/messages", {
        params: { query: { ...query, ...(pageParam !== null && { cursor: pageParam }) } },
      });
      if (!response.ok || data === undefined) throw problemOf(response.status, error);
      return { messages: data, next: response.headers.get("X-Next-Cursor") };
    },
    getNextPageParam: ({ next }) => next,
  });
}

export const useCommandsOfChat = () =>
  useQuery({ queryKey: keys.chatCommands, queryFn: () => body(api.GET("/chat/commands")), staleTime: Infinity });

function useAfterwards(after?: () => void) {
  const client = useQueryClient();
  return () => {
    after?.();
    return client.invalidateQueries({ queryKey: keys.chat });
  };
}

/** `after` is called also where the box is gone by then. */
export function useSay({ project, task }: ThreadPlace, after?: () => void) {
  return useMutation({
    mutationFn: (text: string) =>
      body(
        api.POST("/chat/messages", { body: { project_id: project, text, ...(task !== null && { task_id: task }) } }),
      ),
    onSuccess: useAfterwards(after),
  });
}

export function useEditQuestion(after: () => void) {
  return useMutation({
    mutationFn: ({ id, version, text }: Pick<ChatMessage, "id" | "version" | "text">) =>
      body(api.PATCH("/chat/messages/{message_id}", { params: { path: { message_id: id } }, body: { version, text } })),
    onSuccess: useAfterwards(after),
  });
}

export type AnswerWord = "stop" | "retry" | "confirm";

/** The person's word on an answer. */
export function useAnswerWord(id: number) {
  const params = { path: { message_id: id } };
  return useMutation({
    mutationFn: (word: AnswerWord) => {
      if (word === "stop") return body(api.POST("/chat/messages/{message_id}/stop", { params }));
      if (word === "retry") return body(api.POST("/chat/messages/{message_id}/retry", { params }));
      return body(api.POST("/chat/messages/{message_id}/confirm", { params }));
    },
    onError: tellProblem,
    onSettled: useAfterwards(),
  });
}

/** The PM's run, for what it says. */
export const usePlanning = (id: string | null) =>
  useQuery({
    queryKey: [...keys.requests, "run", id],
    queryFn: () => body(api.GET("/runs/{run_id}", { params: { path: { run_id: id ?? "" } } })),
    enabled: id !== null,
  });
