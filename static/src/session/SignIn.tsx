import { Button, PasswordInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { asProblem } from "../api/problem";
import { useSignIn } from "./queries";
import styles from "./SignIn.module.css";

export function SignIn({ ended }: { ended: boolean }) {
  const [token, setToken] = useState("");
  const signIn = useSignIn();
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (token.trim()) signIn.mutate(token.trim(), { onSuccess: forgetWhy });
  };
  const refusal = signIn.isError ? asProblem(signIn.error) : null;
  return (
    <main className={styles.middle}>
      <div className={styles.card}>
        <h1 className={styles.title}>Workflow Hub</h1>
        <p role="status" className={styles.why} hidden={!why(ended)}>
          {why(ended)}
        </p>
        <p>
          To sign in, open the link that <code>./start.sh</code> printed. <code>./start.sh login</code> prints a fresh
          one.
        </p>
        <form onSubmit={send} className={styles.form}>
          <PasswordInput
            label="Or paste the token"
            description="WFHUB_TOKEN in the file .env of the hub"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={refusal && [refusal.message, refusal.wayOut].filter(Boolean).join(" ")}
            autoComplete="current-password"
            name="token"
          />
          <Button type="submit" size="sm" loading={signIn.isPending} disabled={!token.trim()}>
            Sign in
          </Button>
        </form>
      </div>
    </main>
  );
}

function why(ended: boolean): string {
  const login = new URLSearchParams(window.location.search).get("login");
  if (login === "expired") return "That link was used already, or is too old. Each link opens the hub once.";
  return ended ? "You have been signed out: the session is over. Nothing is lost; the team goes on working." : "";
}

function forgetWhy(): void {
  const query = new URLSearchParams(window.location.search);
  query.delete("login");
  const rest = query.toString();
  window.history.replaceState(null, "", window.location.pathname + (rest ? `?${rest}` : ""));
}
