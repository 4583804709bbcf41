import { useInfiniteQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";

export interface Asked {
  project_id?: number | null;
  task_id?: number;
  who?: string | null;
  kind?: string[];
}

const PAGE = 100;

/** The past, newest first, a page at a time. Of a task it is looked at anew when something happens to it. */
export const useHistory = (asked: Asked) =>
  useInfiniteQuery({
    queryKey:
      asked.task_id === undefined ? [...keys.history, asked] : [...keys.taskPart(asked.task_id, "events"), asked],
    queryFn: ({ pageParam }) =>
      body(
        api.GET("/history", {
          params: {
            query: {
              project_id: asked.project_id ?? null,
              task_id: asked.task_id ?? null,
              who: asked.who ?? null,
              kind: asked.kind ?? null,
              before: pageParam,
              limit: PAGE,
            },
          },
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next,
  });
