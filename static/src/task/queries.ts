import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Approval, Task, TaskIn } from "../api/types";
import { tellProblem } from "../problem/tell";

const at = (id: number) => ({ params: { path: { task_id: id } } });

export const useTask = (id: number) =>
  useQuery({ queryKey: keys.taskPart(id, "row"), queryFn: () => body(api.GET("/tasks/{task_id}", at(id))) });

export const useEvidence = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "evidence"),
    queryFn: () => body(api.GET("/tasks/{task_id}/evidence", at(id))),
  });

export const useGate = (id: number) =>
  useQuery({ queryKey: keys.taskPart(id, "gate"), queryFn: () => body(api.GET("/tasks/{task_id}/gate", at(id))) });

export const useDiff = (id: number) =>
  useQuery({ queryKey: keys.taskPart(id, "diff"), queryFn: () => body(api.GET("/tasks/{task_id}/diff", at(id))) });

export const useRuns = (id: number) =>
  useQuery({ queryKey: keys.taskPart(id, "runs"), queryFn: () => body(api.GET("/tasks/{task_id}/runs", at(id))) });

export const useProofs = (id: number) =>
  useQuery({ queryKey: keys.taskPart(id, "proofs"), queryFn: () => body(api.GET("/tasks/{task_id}/proofs", at(id))) });

export const useComments = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "comments"),
    queryFn: () => body(api.GET("/tasks/{task_id}/comments", at(id))),
  });

export const useHandoffs = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "handoffs"),
    queryFn: () => body(api.GET("/tasks/{task_id}/handoffs", at(id))),
  });

export const useFindings = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "findings"),
    queryFn: () => body(api.GET("/tasks/{task_id}/findings", at(id))),
  });

export const useDependencies = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "dependencies"),
    queryFn: () => body(api.GET("/tasks/{task_id}/dependencies", at(id))),
  });

/** The approval that waits for a word, if one does. */
export const useOpenApproval = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "approval"),
    queryFn: async (): Promise<Approval | null> =>
      (await body(api.GET("/approvals", { params: { query: { task_id: id, state: ["asked"], limit: 1 } } })))[0] ??
      null,
  });

function useTaskChanged(id: number) {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [keys.task(id), keys.around, keys.boards, keys.summary, keys.inboxes].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
}

export interface Word {
  say: "approve" | "change" | "reject";
  words: string;
}

/** `after` runs also when the buttons are gone by then. */
export function useDecide({ task_id: taskId, patch_id }: Approval, after: (word: Word) => void) {
  const params = { path: { task_id: taskId } };
  const changed = useTaskChanged(taskId);
  return useMutation({
    mutationFn: (word: Word) => {
      const verdict = word.say === "change" ? "request_changes" : word.say;
      const said = { verdict, note: word.words, patch_id: patch_id || null } as const;
      return body(api.POST("/tasks/{task_id}/review", { params, body: said }));
    },
    onSuccess: (_approval, word) => {
      after(word);
      return changed();
    },
    onError: (error) => {
      tellProblem(error);
      void changed();
    },
  });
}

/** A person's word against a gate; the note is kept beside what it measured. */
export function useOverride(taskId: number, runId: string, after: () => void) {
  const changed = useTaskChanged(taskId);
  return useMutation({
    mutationFn: (note: string) =>
      body(api.POST("/runs/{run_id}/gate/override", { params: { path: { run_id: runId } }, body: { note } })),
    onSuccess: () => {
      after();
      return changed();
    },
    onError: (error) => {
      tellProblem(error);
      void changed();
    },
  });
}

export function useTrigger(id: number) {
  const onSuccess = useTaskChanged(id);
  return useMutation({
    mutationFn: () => body(api.POST("/tasks/{task_id}/trigger", { ...at(id), body: { merge: false } })),
    onSuccess,
    onError: tellProblem,
  });
}

/** To another stage by hand; `after` runs when it is there. */
export function useMove(id: number, after: () => void) {
  const changed = useTaskChanged(id);
  return useMutation({
    mutationFn: (to: { stage: string; note: string }) =>
      body(api.POST("/tasks/{task_id}/set-stage", { ...at(id), body: to })),
    onSuccess: () => {
      after();
      return changed();
    },
  });
}

/** Given up: its branch and its history stay. */
export function useCancelTask(id: number, after: () => void) {
  const changed = useTaskChanged(id);
  return useMutation({
    mutationFn: (note: string) => body(api.POST("/tasks/{task_id}/cancel", { ...at(id), body: { note } })),
    onSuccess: () => {
      after();
      return changed();
    },
  });
}

export const useSubtasks = (id: number) =>
  useQuery({
    queryKey: [...keys.around, "parts", id],
    queryFn: () => body(api.GET("/tasks", { params: { query: { parent_id: id, sort: "position", limit: 200 } } })),
  });

export function useNewSubtask({ id, project_id }: Task) {
  const onSuccess = useTaskChanged(id);
  return useMutation({
    mutationFn: (title: string) => body(api.POST("/tasks", { body: { project_id, parent_id: id, title } as TaskIn })), // the rest has defaults
    onSuccess,
  });
}

/** Lets the task wait for another, or no longer; a cycle is refused with a sentence. */
export function useWaitFor(id: number) {
  const onSuccess = useTaskChanged(id);
  return useMutation({
    mutationFn: async ({ other, waits }: { other: number; waits: boolean }) => {
      if (waits) await body(api.POST("/tasks/{task_id}/dependencies", { ...at(id), body: { blocked_by: [other] } }));
      else
        await body(
          api.DELETE("/tasks/{task_id}/dependencies/{blocked_by_id}", {
            params: { path: { task_id: id, blocked_by_id: other } },
          }),
        );
    },
    onSuccess,
  });
}

export function useWaive(taskId: number) {
  const onSuccess = useTaskChanged(taskId);
  return useMutation({
    mutationFn: ({ id, note }: { id: number; note: string }) =>
      body(api.POST("/findings/{finding_id}/waive", { params: { path: { finding_id: id } }, body: { note } })),
    onSuccess,
  });
}
