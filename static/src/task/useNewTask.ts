import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { asProblem } from "../api/problem";
import type { TaskIn, TaskRow } from "../api/types";

interface Sent {
  task: TaskIn;
  /** Comes when each of them is ready. */
  files: Promise<File[]>;
  start: boolean;
}

/** Tasks that can be a parent or come before, the newest first. */
export const useTasksOf = (project_id: number | null) =>
  useQuery({
    queryKey: [...keys.around, "of", project_id],
    queryFn: () => body(api.GET("/tasks", { params: { query: { project_id, sort: "-id", limit: 500 } } })),
    enabled: project_id !== null,
    staleTime: 0,
  });

interface Made {
  made: TaskRow;
  /** What of it did not come along, and why. */
  left: string[];
}

/** The task is there when this succeeds. `after` is called also where the form is gone by then. */
export function useNewTask(after: (made: Made) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ task, files: ready, start }: Sent): Promise<Made> => {
      const files = await ready;
      const made = await body(api.POST("/tasks", { body: task }));
      const left: string[] = [];
      const attempt = async (what: string, call: Promise<unknown>) => {
        try {
          await call;
        } catch (error) {
          left.push(`${what}: ${asProblem(error).message}`);
        }
      };
      for (const file of files) await attempt(file.name, upload(made.id, file));
      if (start) {
        const at = { params: { path: { task_id: made.id } } };
        await attempt(
          "It was not started",
          body(api.POST("/tasks/{task_id}/trigger", { ...at, body: { merge: false } })),
        );
      }
      return { made, left };
    },
    onSuccess: after,
    onSettled: () =>
      Promise.all([keys.boards, keys.around, keys.summary].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

function upload(task_id: number, file: File): Promise<unknown> {
  return body(
    api.POST("/tasks/{task_id}/attachments", {
      params: { path: { task_id } },
      body: { file: file.name, description: "" },
      bodySerializer: () => {
        const form = new FormData();
        form.append("file", file, file.name);
        return form;
      },
    }),
  );
}
