import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";

const LOOK_MS = 5_000;

/** Asked again while it is looked at: no event tells that an agent has stopped answering. */
export const useAgents = () =>
  useQuery({ queryKey: keys.agents, queryFn: () => body(api.GET("/agents")), refetchInterval: LOOK_MS });
