import {
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import type { Board } from "../api/types";
import { ALL, askedFor, type Asked, type Filter } from "./filter";
import { extended, type Held, joined } from "./pieces";

const TYPING_MS = 200;
const TRIES = 3;

/** Which board: whose, and what of it. `first: 0` is its counts without a card. */
export interface Which {
  project: number | null;
  asked: Asked & { first?: number };
}

export const readBoard = ({ project, asked }: Which, task?: number[], signal?: AbortSignal): Promise<Board> =>
  body(
    api.GET("/board", {
      params: { query: { ...asked, project_id: project, ...(task && { task }) } },
      ...(signal && { signal }),
    }),
  );

/** A board; null while it is not known whose. The cards that were read further down stay. */
export function useBoard(which: Which | null) {
  const key = keys.board(which?.project ?? null, which?.asked ?? {});
  return useQuery({
    queryKey: key,
    queryFn: async ({ client, signal }): Promise<Held> => {
      for (let tries = TRIES; ; tries--) {
        const fresh = await readBoard(which ?? { project: null, asked: {} }, undefined, signal);
        const known = client.getQueryData<Held>(key);
        // news came in meanwhile, and this answer is older than they are
        if (known === undefined || known.seq <= fresh.seq || known.torn || tries === 0) return joined(known, fresh);
      }
    },
    enabled: which !== null,
    placeholderData: (before, query) => (query?.queryKey[1] === key[1] ? keepPreviousData(before) : undefined),
  });
}

/** The whole board of a project, as its own page shows it first: for its stages. */
export const useStages = (project: number) => useBoard({ project, asked: askedFor(ALL) });

/** Reads the next piece of a column into the board. */
export function useMore(which: Which, stage: string) {
  const client = useQueryClient();
  const key = keys.board(which.project, which.asked);
  const cursorOf = () =>
    client.getQueryData<Held>(key)?.columns.find((column) => column.stage === stage)?.next ?? undefined;
  return useMutation({
    mutationFn: async (limit: number) => {
      const cursor = cursorOf();
      if (cursor === undefined) return;
      const query = { ...which.asked, project_id: which.project, cursor, limit };
      const piece = await body(api.GET("/board/columns/{stage}", { params: { path: { stage }, query } }));
      // read again meanwhile, or with news that this piece may not know: whoever scrolls asks once more
      const now = client.getQueryData<Held>(key);
      if (now === undefined || now.seq > piece.seq || cursorOf() !== cursor) return;
      client.setQueryData<Held>(key, extended(now, stage, piece));
    },
  });
}

/** The plans with cards on the board, a page of them after the other; null: none are asked for. */
export function useLanes(which: Which | null) {
  return useInfiniteQuery({
    queryKey: keys.lanes(which?.project ?? null, which?.asked ?? {}),
    queryFn: ({ pageParam, signal }) => {
      const query = { ...which?.asked, project_id: which?.project ?? null, before: pageParam };
      return body(api.GET("/board/lanes", { params: { query }, signal }));
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next,
    enabled: which !== null,
    placeholderData: (before, query) => (query?.queryKey[1] === which?.project ? keepPreviousData(before) : undefined),
  });
}

/** The filter once nobody types any more: what is asked for is asked once. */
export function useSettled(filter: Filter): Asked {
  const [text, setText] = useState(filter.text);
  useEffect(() => {
    const waiting = setTimeout(() => setText(filter.text), TYPING_MS);
    return () => clearTimeout(waiting);
  }, [filter.text]);
  return askedFor({ ...filter, text: filter.text === "" ? "" : text });
}

/** The boards that are shown now. */
export const shownBoards = (client: QueryClient): [Which, Held][] =>
  client
    .getQueryCache()
    .findAll({ queryKey: keys.boards, type: "active" })
    .flatMap(({ queryKey, state }): [Which, Held][] =>
      state.data === undefined
        ? []
        : [[{ project: queryKey[1] as number | null, asked: queryKey[2] as Which["asked"] }, state.data as Held]],
    );

/** All boards are read anew, and nothing that is known of them is kept. */
export function rereadBoards(client: QueryClient): Promise<void> {
  client.setQueriesData<Held>({ queryKey: keys.boards }, (board) => board && { ...board, torn: true });
  return client.invalidateQueries({ queryKey: keys.boards });
}
