import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";

const KNOWN_HERE = "wfhub.known";

/** Whether this browser was signed in before: then an ended session is worth a sentence. */
export const knownHere = (): boolean => localStorage.getItem(KNOWN_HERE) !== null;

export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: async () => {
      const session = await body(api.GET("/session"));
      localStorage.setItem(KNOWN_HERE, "yes");
      return session;
    },
    retry: false,
  });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => body(api.POST("/login", { body: { token } })),
    onSuccess: () => client.invalidateQueries(),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/session")),
    onSuccess: () => {
      localStorage.removeItem(KNOWN_HERE);
      client.clear();
      window.location.reload();
    },
  });
}
