import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Project } from "../api/types";
import { usePlace } from "../place/usePlace";

export function useProjects() {
  return useQuery({ queryKey: keys.projects, queryFn: () => body(api.GET("/projects")) });
}

export function useSummary() {
  return useQuery({ queryKey: keys.summary, queryFn: () => body(api.GET("/summary")), placeholderData: (old) => old });
}

/** The project in the address; with a single project it is that one. Undefined while it is not known. */
export function useProject(): Project | null | undefined {
  const { project: id } = usePlace();
  const { data } = useProjects();
  if (data === undefined) return undefined;
  if (id === null) return data.length === 1 ? (data[0] ?? null) : null;
  return data.find((project) => project.id === id) ?? null;
}

export function useNewProject() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (project: { name: string; workspace_path: string; allow_dirty: boolean }) =>
      body(
        api.POST("/projects", { body: { workflow: "software", environment: "", merge_method: "merge", ...project } }),
      ),
    onSuccess: () =>
      Promise.all([keys.projects, keys.summary].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
