import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { keys } from "../api/keys";
import { told } from "../api/told";
import type { Board, HubEvent } from "../api/types";
import { moved } from "../board/moved";
import { BoardNews } from "../board/news";
import { rereadBoards } from "../board/queries";
import { hearActivity } from "./activity";
import { changedCard, staleAfter } from "./effects";
import { Refresh } from "./refresh";
import { LiveSocket, type LiveState } from "./socket";

const State = createContext<LiveState>("opening");

export const useLiveState = () => useContext(State);

/** Reads nothing before the line stands (or failed to): so no event falls between the first read and the news. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("opening");
  const stood = useRef(false); // while nobody was signed in the page rested, and its line was closed

  useEffect(() => {
    const refresh = new Refresh(client);
    const cards = new BoardNews(client);
    const news = (events: HubEvent[]) => {
      for (const event of events) {
        if (event.kind === "run.activity" && event.run_id) hearActivity(event.run_id, told(event.data, "sentence"));
      }
      client.setQueriesData<Board>({ queryKey: keys.boards }, (board) => board && events.reduce(moved, board));
      cards.add(events.flatMap(changedCard));
      refresh.add(events.flatMap(staleAfter));
    };
    const socket = new LiveSocket(`${window.location.origin.replace(/^http/, "ws")}/ws/events`, {
      news,
      reset: () => {
        void rereadBoards(client);
        void client.invalidateQueries();
      },
      state: (now) => {
        stood.current ||= now === "live";
        setState(now);
      },
      refused: () => void client.invalidateQueries({ queryKey: keys.session }),
    });
    const wake = () => document.visibilityState === "visible" && socket.wake();
    socket.start(stood.current);
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    return () => {
      window.removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      socket.stop();
      refresh.stop();
      cards.stop();
    };
  }, [client]);

  return <State value={state}>{state === "opening" ? null : children}</State>;
}
