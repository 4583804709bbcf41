import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";

/** Undefined while it is not known which project's. */
export function useBoard(project: number | null | undefined) {
  return useQuery({
    queryKey: keys.board(project ?? null),
    queryFn: () => body(api.GET("/board", { params: { query: { project_id: project ?? null } } })),
    enabled: project !== undefined,
  });
}
