import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import { keys } from "../api/keys";
import { pageOf } from "../api/pages";
import type { RunFilter } from "./filter";

const PAGE = 100;

const list = (one: string | null) => (one === null ? null : [one]);

export const useRuns = (project: number | null, filter: RunFilter) =>
  useInfiniteQuery({
    queryKey: [...keys.runs, project, filter],
    queryFn: ({ pageParam }) =>
      pageOf(
        api.GET("/runs", {
          params: {
            query: {
              project_id: project,
              state: filter.state.length > 0 ? filter.state : null,
              stage: list(filter.stage),
              role: list(filter.role),
              model: list(filter.model),
              agent: list(filter.agent),
              started: filter.started,
              text: filter.text,
              since: filter.since,
              until: filter.until,
              cursor: pageParam,
              limit: PAGE,
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
