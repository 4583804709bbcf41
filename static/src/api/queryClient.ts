import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { keys } from "./keys";
import { Problem } from "./problem";

const RETRIES = 2;

/** Live events say what is stale, so nothing is asked again on a timer; a 401 anywhere asks who we are. */
export function makeQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof Problem && error.status === 401) void client.invalidateQueries({ queryKey: keys.session });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => query.queryKey[0] !== "session" && onError(error) }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        retry: (count, error) =>
          error instanceof Problem && (error.status === 0 || error.status >= 500) && count < RETRIES,
      },
    },
  });
  return client;
}
