import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Decided, DecisionWord, InboxItem } from "../api/types";
import { tellProblem } from "../problem/tell";

export const useInbox = (project: number | null) =>
  useQuery({
    queryKey: keys.inbox(project),
    queryFn: () => body(api.GET("/inbox", { params: { query: { project_id: project } } })),
  });

export interface Said {
  decision: DecisionWord;
  note?: string;
}

/** One word on all of these; each is about what was shown of it, and has its own result. */
export function useDecisions(after: (results: Decided[]) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ items, said }: { items: InboxItem[]; said: Said }) =>
      body(
        api.POST("/inbox/decisions", {
          body: {
            decisions: items.map(({ key, patch_id, version }) => ({
              item: key,
              decision: said.decision,
              note: said.note ?? "",
              answer: "",
              patch_id,
              version,
            })),
          },
        }),
      ),
    onSuccess: ({ results }) => {
      after(results);
    },
    onError: tellProblem,
    onSettled: () => client.invalidateQueries(),
  });
}
