import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Attachment } from "../api/types";
import { tellDone, tellProblem } from "../problem/tell";

export const useLimits = () => useQuery({ queryKey: keys.limits, queryFn: () => body(api.GET("/requests/limits")) });

/** A task's own files, and those of the request it came from. */
export const useTaskFiles = (id: number) =>
  useQuery({
    queryKey: keys.taskPart(id, "files"),
    queryFn: () => body(api.GET("/tasks/{task_id}/attachments", { params: { path: { task_id: id } } })),
  });

function useFilesRead(id: number) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.taskPart(id, "files") });
}

/** One after the other: each that came is kept, also where a later one is refused. */
export function useAddTaskFiles(id: number) {
  const read = useFilesRead(id);
  return useMutation({
    mutationFn: async (files: File[]) => {
      for (const file of files)
        await body(
          api.POST("/tasks/{task_id}/attachments", {
            params: { path: { task_id: id } },
            body: { file: file.name, description: "" },
            bodySerializer: () => {
              const form = new FormData();
              form.append("file", file, file.name);
              return form;
            },
          }),
        );
      return files.length;
    },
    onSuccess: (count) => tellDone(count === 1 ? "The file is added to the task." : `${count} files are added.`),
    onError: tellProblem,
    onSettled: read,
  });
}

export function useDropTaskFile(id: number) {
  const read = useFilesRead(id);
  return useMutation({
    mutationFn: (file: Attachment) =>
      body(api.DELETE("/attachments/{attachment_id}", { params: { path: { attachment_id: file.id } } })),
    onError: tellProblem,
    onSettled: read,
  });
}
