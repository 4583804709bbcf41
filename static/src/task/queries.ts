import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Approval, HubEvent, Task } from "../api/types";
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

export const useTaskEvents = (task: Task) =>
  useQuery({ queryKey: keys.taskPart(task.id, "events"), queryFn: () => eventsOf(task) });

const PAGE = 2000;

/** The events of a task, oldest first: picked from its project's, page by page. */
async function eventsOf({ id, project_id }: Task): Promise<HubEvent[]> {
  const mine: HubEvent[] = [];
  for (let after = 0; ;) {
    const page = await body(api.GET("/events", { params: { query: { project_id, after, limit: PAGE } } }));
    mine.push(...page.filter((event) => event.task_id === id));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return mine;
    after = last.seq;
  }
}

/** The approval that waits for a word, if one does. */
export const useOpenApproval = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "approval"),
    queryFn: async (): Promise<Approval | null> =>
      (await body(api.GET("/approvals", { params: { query: { task_id: id, state: "asked", limit: 1 } } })))[0] ?? null,
  });

function useTaskChanged(id: number) {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [keys.task(id), keys.boards, keys.summary, keys.inboxes].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
}

export type Word = { say: "approve" } | { say: "change"; words: string } | { say: "reject"; words: string };

/** `after` runs also when the buttons are gone by then. */
export function useDecide(taskId: number, approvalId: number, after: (word: Word) => void) {
  const params = { path: { approval_id: approvalId } };
  const changed = useTaskChanged(taskId);
  return useMutation({
    mutationFn: (word: Word) => {
      if (word.say === "approve") return body(api.POST("/approvals/{approval_id}/approve", { params }));
      if (word.say === "change")
        return body(api.POST("/approvals/{approval_id}/request-changes", { params, body: { note: word.words } }));
      return body(api.POST("/approvals/{approval_id}/reject", { params, body: { note: word.words } }));
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
