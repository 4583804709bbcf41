import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Project, ProjectPatch } from "../api/types";
import { keep, kept } from "../draft/kept";

export const usePrinciples = () => useQuery({ queryKey: keys.principles, queryFn: () => body(api.GET("/principles")) });

export const usePrinciplesVersions = () =>
  useQuery({
    queryKey: [...keys.principles, "versions"],
    queryFn: () => body(api.GET("/principles/versions")),
  });

export const usePrinciplesDiff = (from: number, to: number) =>
  useQuery({
    queryKey: [...keys.principles, "diff", from, to],
    queryFn: () => body(api.GET("/principles/diff", { params: { query: { from, to } } })),
  });

export function usePutPrinciples() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (next: { version: number; text: string }) => body(api.PUT("/principles", { body: next })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.principles }),
  });
}

/** What the project tells every role besides; empty where it says nothing. */
export const principlesOf = ({ settings }: Project): string =>
  typeof settings.principles === "string" ? settings.principles : "";

export function usePutProjectPrinciples(project: Project) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (text: string) => {
      const patch: Partial<ProjectPatch> = { settings: { principles: text.trim() === "" ? null : text } };
      return body(
        api.PATCH("/projects/{project_id}", {
          params: { path: { project_id: project.id } },
          body: { ...patch, version: project.version } as ProjectPatch, // only what is named changes
        }),
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.projects }),
  });
}

export interface Begun {
  base: number;
  text: string;
}

const edit = (whose: string): string => `principles.${whose}`;

export const begunOf = (whose: string): Begun | null => kept(edit(whose)) as Begun | null;

export const keepBegun = (whose: string, begun: Begun | null): void => keep(edit(whose), begun);
