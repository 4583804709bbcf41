import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";

export function useBoard(project: number | null) {
  return useQuery({
    queryKey: keys.board(project),
    queryFn: () => body(api.GET("/board", { params: { query: { project_id: project } } })),
  });
}
