import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Project, ProjectPatch, Workflow } from "../api/types";
import { useProjects } from "../project/queries";

/** A project whose new tasks go through the workflow, in some version. */
export interface User {
  project: Project;
  workflowVersion: number;
}

const at = (id: number) => ({ params: { path: { project_id: id } } });

export function useUsers(workflow: Workflow | null): User[] {
  const projects = useProjects().data ?? [];
  return useQueries({
    queries: projects.map(({ id }) => ({
      queryKey: [...keys.workflows, "of", id],
      queryFn: () => body(api.GET("/projects/{project_id}/workflow", at(id))),
      enabled: workflow !== null,
    })),
    combine: (all) =>
      all.flatMap(({ data }, index) => {
        const project = projects[index];
        return project && data && data.workflow === workflow?.name ? [{ project, workflowVersion: data.version }] : [];
      }),
  });
}

interface Take {
  user: User;
  name: string;
  version: number;
}

/** Has projects take a version; answers them as they are then. */
export function useTaking() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (takes: Take[]) => {
      const done: User[] = [];
      for (const { user, name, version } of takes) {
        const patch = { version: user.project.version, workflow: name, workflow_version: version };
        const project = await body(
          api.PATCH("/projects/{project_id}", { ...at(user.project.id), body: patch as ProjectPatch }),
        );
        done.push({ project, workflowVersion: user.workflowVersion });
      }
      return done;
    },
    onSettled: () =>
      Promise.all(
        [keys.projects, keys.workflows, keys.boards].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });
}
