import createClient from "openapi-fetch";
import { HUB_AWAY, problemOf } from "./problem";
import type { paths } from "./schema";

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  fetch: async (request) => {
    try {
      return await fetch(request);
    } catch {
      throw HUB_AWAY;
    }
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a call that went well; else throws the hub's Problem. */
export async function body<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemOf(response.status, error);
  return data as T;
}
