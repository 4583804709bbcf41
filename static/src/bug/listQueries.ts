import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { pageOf } from "../api/pages";
import type { Bug, BugPatch } from "../api/types";
import type { BugFilter } from "./filter";

const PAGE = 100;
const at = (id: number) => ({ params: { path: { bug_id: id } } });

export const useBugs = (project: number | null, filter: BugFilter) =>
  useInfiniteQuery({
    queryKey: [...keys.bugs, project, filter],
    queryFn: ({ pageParam }) =>
      pageOf(
        api.GET("/bugs", {
          params: {
            query: {
              project_id: project,
              state: filter.state === null ? null : [filter.state],
              severity: filter.severity === null ? null : [filter.severity],
              text: filter.text,
              cursor: pageParam,
              limit: PAGE,
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

export const useBug = (id: number) =>
  useQuery({ queryKey: [...keys.bugs, "one", id], queryFn: () => body(api.GET("/bugs/{bug_id}", at(id))) });

export const useBugFiles = (id: number) =>
  useQuery({
    queryKey: [...keys.bugs, "files", id],
    queryFn: () => body(api.GET("/attachments", { params: { query: { bug_id: id } } })),
  });

function useBugsRead() {
  const client = useQueryClient();
  return () =>
    Promise.all([keys.bugs, keys.requests, keys.boards].map((queryKey) => client.invalidateQueries({ queryKey })));
}

export function useMakeOfBug(id: number) {
  const onSettled = useBugsRead();
  return useMutation({
    mutationFn: ({ of, project }: { of: "task" | "request"; project: number | null }) => {
      const more = { ...at(id), body: { project_id: project } };
      return body(of === "task" ? api.POST("/bugs/{bug_id}/task", more) : api.POST("/bugs/{bug_id}/request", more));
    },
    onSettled,
  });
}

export function useSettleBug() {
  const onSettled = useBugsRead();
  return useMutation({
    mutationFn: ({ bug, state }: { bug: Bug; state: "open" | "fixed" | "closed" }) =>
      body(api.PATCH("/bugs/{bug_id}", { ...at(bug.id), body: { version: bug.version, state } as BugPatch })),
    onSettled,
  });
}
