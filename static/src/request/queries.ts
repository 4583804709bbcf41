import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { allOf } from "../api/pages";
import { useWaitingPlans } from "../plan/queries";
import { useProject } from "../project/queries";
import { tellProblem } from "../problem/tell";
import type { Kind } from "./words";
import { type UnderWay, underWay } from "./underWay";

const PAGE = 100;
const FAILURES = 50;

const useOpen = () =>
  useQuery({
    queryKey: [...keys.requests, "under way"],
    queryFn: () =>
      allOf((cursor) => api.GET("/requests", { params: { query: { under_way: true, cursor, limit: PAGE } } })),
  });

const useLastFailed = () =>
  useQuery({
    queryKey: [...keys.requests, "failed"],
    queryFn: () =>
      body(api.GET("/requests", { params: { query: { state: ["failed"], sort: "-updated_at", limit: FAILURES } } })),
  });

/** Requests on their way to tasks, of the chosen project. */
export function useUnderWay(): UnderWay[] {
  const project = useProject();
  const open = useOpen();
  const failed = useLastFailed();
  const plans = useWaitingPlans();
  return underWay([...(open.data ?? []), ...(failed.data ?? [])], plans.data ?? [], project?.id ?? null);
}

/** One request with its files. */
export function useRequest(id: number | undefined) {
  return useQuery({
    queryKey: keys.request(id ?? 0),
    queryFn: () => body(api.GET("/requests/{request_id}", { params: { path: { request_id: id ?? 0 } } })),
    enabled: id !== undefined,
  });
}

export interface Asked {
  project_id: number;
  text: string;
  kind: Kind;
  single: boolean;
  /** Null: the first of the owner's. */
  vision_model: string | null;
}

interface Sent {
  asked: Asked;
  /** Comes when each of them is ready. */
  files: Promise<File[]>;
}

/** With files it is one form, so that they are there before the PM begins. `after` is told which they were, also where
 * the box is gone by then. */
export function useAsk(after: (files: File[]) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ asked, files: ready }: Sent) => {
      const files = await ready;
      if (files.length === 0) await body(api.POST("/requests", { body: asked }));
      else
        await body(
          api.POST("/requests/with-files", {
            body: { ...asked, file: files.map(({ name }) => name) },
            bodySerializer: () => formOf(asked, files),
          }),
        );
      return files;
    },
    onSuccess: (files) => {
      after(files);
      return client.invalidateQueries({ queryKey: keys.requests });
    },
  });
}

/** The person's word on a request that has no plan. */
export function useSettle() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, say }: { id: number; say: "retry" | "close" }) => {
      const params = { path: { request_id: id } };
      return say === "retry"
        ? body(api.POST("/requests/{request_id}/retry", { params }))
        : body(api.POST("/requests/{request_id}/close", { params }));
    },
    onError: tellProblem,
    onSettled: () =>
      Promise.all(
        [keys.requests, keys.inboxes, keys.summary].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });
}

function formOf(asked: Asked, files: File[]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(asked)) if (value !== null) form.append(name, String(value));
  for (const file of files) form.append("file", file, file.name);
  return form;
}
