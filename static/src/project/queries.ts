import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { allOf } from "../api/pages";
import type { Project, ProjectIn, ProjectPatch } from "../api/types";
import { usePlace } from "../place/usePlace";
import { useSession } from "../session/queries";

const PAGE = 500;

export function useProjects() {
  return useQuery({
    queryKey: keys.projects,
    queryFn: () => allOf((cursor) => api.GET("/projects", { params: { query: { limit: PAGE, cursor } } })),
  });
}

export function useSummary() {
  return useQuery({ queryKey: keys.summary, queryFn: () => body(api.GET("/summary")), placeholderData: (old) => old });
}

/** Whether a scripted model answers somewhere here: the page says so wherever it may show. */
export function usePlaysScript(): boolean {
  const { data } = useSummary();
  const session = useSession();
  return data?.scripted_model ?? session.data?.hub.scripted_model ?? false;
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
  const onSuccess = useProjectsChanged();
  return useMutation({ mutationFn: (project: ProjectIn) => body(api.POST("/projects", { body: project })), onSuccess });
}

export function useEditProject(id: number) {
  const onSettled = useProjectsChanged();
  return useMutation({
    mutationFn: (patch: ProjectPatch) =>
      body(api.PATCH("/projects/{project_id}", { params: { path: { project_id: id } }, body: patch })),
    onSettled,
  });
}

export function useProjectsChanged() {
  const client = useQueryClient();
  return () => Promise.all([keys.projects, keys.summary].map((queryKey) => client.invalidateQueries({ queryKey })));
}
