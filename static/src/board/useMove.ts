import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Board } from "../api/types";
import { asProblem } from "../api/problem";
import { tellProblem } from "../problem/tell";
import { foreseen, type Move } from "./move";
import { announce } from "./say";

/** Moves a card at once, and back where the hub refuses, which is told with its reason. */
export function useMove() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ card, stage, before_id, after_id }: Move) =>
      body(
        api.POST("/board/moves", {
          body: { task_id: card.id, stage, before_id: before_id ?? null, after_id: after_id ?? null },
        }),
      ),
    onMutate: async (move) => {
      await client.cancelQueries({ queryKey: keys.boards });
      const before = client.getQueriesData<Board>({ queryKey: keys.boards });
      client.setQueriesData<Board>({ queryKey: keys.boards }, (board) => board && foreseen(board, move));
      return before;
    },
    onError: (error, { card }, before) => {
      for (const [key, board] of before ?? []) client.setQueryData(key, board);
      announce(`${card.key} stays where it was. ${asProblem(error).message}`);
      tellProblem(error);
    },
    onSettled: () =>
      Promise.all([keys.boards, keys.inboxes, keys.summary].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
