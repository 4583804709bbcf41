import { Loader } from "@mantine/core";
import { Activity, type ReactNode } from "react";
import { asProblem } from "../api/problem";
import { part } from "../part/part";
import { ProblemNote } from "../problem/ProblemNote";
import { knownHere, useSession } from "./queries";
import styles from "./SignIn.module.css";

const SignIn = part(async () => ({ default: (await import("./SignIn")).SignIn }));

/** Shows the hub to who is signed in, and the way in to everybody else. Where a session ends the page rests below the
 * sign-in: what was typed is there when it goes on. */
export function SessionGate({ children }: { children: ReactNode }) {
  const session = useSession();
  const out = session.isError && asProblem(session.error).status === 401;
  return (
    <>
      {out && <SignIn ended={knownHere()} />}
      {session.data && <Activity mode={out ? "hidden" : "visible"}>{children}</Activity>}
      {!out && !session.data && (
        <main className={styles.middle}>
          {session.isError ? (
            <ProblemNote error={session.error} again={() => void session.refetch()} />
          ) : (
            <Loader size="sm" aria-label="Opening the hub" />
          )}
        </main>
      )}
    </>
  );
}
