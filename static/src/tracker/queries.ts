import { useInfiniteQuery, useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { type Draft, drafts } from "./draft";

const PAGE = 100;
const FOLLOW_MS = 700;
const credential = (id: number) => ({ params: { path: { credential_id: id } } });

export const useTrackers = () =>
  useQuery({
    queryKey: [...keys.trackers, "providers"],
    queryFn: () => body(api.GET("/integrations/providers")),
  });

export const useSignIns = () =>
  useQuery({
    queryKey: [...keys.trackers, "credentials"],
    queryFn: () => body(api.GET("/integrations/credentials")),
    staleTime: 0,
  });

export const useTies = () =>
  useQuery({
    queryKey: [...keys.trackers, "ties"],
    queryFn: () => body(api.GET("/integrations/project-mapping")),
    staleTime: 0,
  });

function useTrackersChanged() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.trackers });
}

type SignedIn = Awaited<ReturnType<typeof signIn>>;
const signIn = (asked: { provider: string; label: string; token: string }) =>
  body(api.POST("/integrations/credentials", { body: asked }));

/** `done` is called also where the form is gone by then. */
export function useSignIn(done: (signedIn: SignedIn) => void) {
  const changed = useTrackersChanged();
  return useMutation({
    mutationFn: signIn,
    onSuccess: (signedIn) => {
      done(signedIn);
      return changed();
    },
  });
}

export function useReplaceToken(id: number) {
  const client = useQueryClient();
  const changed = useTrackersChanged();
  return useMutation({
    mutationFn: (token: string) =>
      body(api.PUT("/integrations/credentials/{credential_id}", { ...credential(id), body: { token } })),
    onSuccess: () => {
      client.removeQueries({ queryKey: keys.outside });
      return changed();
    },
  });
}

export function useTestToken(id: number) {
  const onSuccess = useTrackersChanged();
  return useMutation({
    mutationFn: () => body(api.POST("/integrations/credentials/{credential_id}/test", credential(id))),
    onSuccess,
  });
}

/** Takes it away; what was imported with it stays. `done` is called also where its row is gone by then. */
export function useSignOut(id: number, done: () => void) {
  const changed = useTrackersChanged();
  return useMutation({
    mutationFn: () =>
      body(
        api.DELETE("/integrations/credentials/{credential_id}", {
          params: { path: { credential_id: id }, query: { force: true } },
        }),
      ),
    onSuccess: done,
    onSettled: changed,
  });
}

/** Theirs is asked of them, once: by themselves nothing here knows what changed there. */
export const useOutsideProjects = (id: number | null) =>
  useQuery({
    queryKey: [...keys.outside, "projects", id],
    queryFn: () => body(api.GET("/integrations/credentials/{credential_id}/projects", credential(id ?? 0))),
    enabled: id !== null,
    retry: false,
  });

export function useTie() {
  const onSuccess = useTrackersChanged();
  return useMutation({
    mutationFn: (asked: { credential_id: number; external_id: string; project_id: number }) =>
      body(api.POST("/integrations/project-mapping", { body: asked })),
    onSuccess,
  });
}

/** What was imported stays. `done` is called also where its row is gone by then. */
export function useUntie(mapping: number, done: () => void) {
  const changed = useTrackersChanged();
  return useMutation({
    mutationFn: () =>
      body(api.DELETE("/integrations/project-mapping/{mapping_id}", { params: { path: { mapping_id: mapping } } })),
    onSuccess: () => {
      const draft = drafts.get();
      if (draft.mapping === mapping) drafts.set({ ...draft, mapping: null, begun: null });
      done();
    },
    onSettled: changed,
  });
}

export const useOutsideTasks = (mapping: number) =>
  useInfiniteQuery({
    queryKey: [...keys.outside, "tasks", mapping],
    queryFn: ({ pageParam }) =>
      body(
        api.GET("/integrations/{mapping_id}/tasks", {
          params: { path: { mapping_id: mapping }, query: { most: PAGE, after: pageParam } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    retry: false,
  });

/** With all that lies below it, as an import would bring it. */
export const useUnfolded = (mapping: number, ids: readonly string[]) =>
  useQueries({
    queries: ids.map((id) => ({
      queryKey: [...keys.outside, "below", mapping, id],
      queryFn: async () => (await preview(mapping, { ...ALL_OF_IT, chosen: [id] })).items,
      retry: false,
    })),
  });

type Asked = Pick<Draft, "chosen" | "subtasks" | "comments" | "files">;
const ALL_OF_IT = { subtasks: true, comments: false, files: false };

const asked = (mapping: number, { chosen, subtasks, comments, files }: Asked, preview: boolean) => ({
  mapping_id: mapping,
  tasks: chosen,
  subtasks,
  comments,
  files,
  preview,
});

const preview = (mapping: number, what: Asked) =>
  body(api.POST("/integrations/import", { body: asked(mapping, what, true) }));

export const usePreview = (mapping: number) => useMutation({ mutationFn: (what: Asked) => preview(mapping, what) });

export function useBegin(mapping: number) {
  const onSettled = useTrackersChanged();
  return useMutation({
    mutationFn: (what: Asked) => body(api.POST("/integrations/import", { body: asked(mapping, what, false) })),
    onSettled,
  });
}

/** Asked again while it is under way: comments and files are no events. */
export const useImport = (id: number) =>
  useQuery({
    queryKey: [...keys.trackers, "import", id],
    queryFn: () => body(api.GET("/integrations/imports/{import_id}", { params: { path: { import_id: id } } })),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? FOLLOW_MS : false),
    staleTime: 0,
  });

/** One under way that this page did not begin. */
export const useUnderWay = (mapping: number) =>
  useQuery({
    queryKey: [...keys.trackers, "imports", mapping],
    queryFn: () => body(api.GET("/integrations/imports", { params: { query: { mapping_id: mapping } } })),
    select: (all) => all.find(({ state }) => state === "running") ?? null,
    staleTime: 0,
  });

export function useCancelImport(id: number) {
  const onSettled = useTrackersChanged();
  return useMutation({
    mutationFn: () =>
      body(api.POST("/integrations/imports/{import_id}/cancel", { params: { path: { import_id: id } } })),
    onSettled,
  });
}

/** Their lists are read anew where they are looked at next. */
export function useForgetTheirs() {
  const client = useQueryClient();
  return () => client.removeQueries({ queryKey: keys.outside });
}
