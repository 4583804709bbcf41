import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";

const EVERY_MS = 60_000;
const PATIENCE_MS = 6_000; // the hub answers in two seconds, unless what it asks first hangs: who we are

/** The one thing that is asked on a timer: no event tells that something has stopped telling. */
export function useHealth() {
  return useQuery({
    queryKey: keys.health,
    queryFn: () => body(api.GET("/health/full", { signal: AbortSignal.timeout(PATIENCE_MS) })),
    refetchInterval: EVERY_MS,
    retry: false,
  });
}
