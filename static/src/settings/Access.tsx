import { Button, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { useNow } from "../clock/useNow";
import { ago, clock } from "../clock/words";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone, tellProblem } from "../problem/tell";
import { Tag } from "../tag/Tag";
import styles from "./Settings.module.css";

/** Who is signed in, and how the token is changed. */
export default function Access() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: keys.sessions });
  const sessions = useQuery({
    queryKey: keys.sessions,
    queryFn: () => body(api.GET("/sessions", { params: { query: { limit: 100 } } })),
    staleTime: 0,
  });
  const end = useMutation({
    mutationFn: (id: number) => body(api.DELETE("/sessions/{session_id}", { params: { path: { session_id: id } } })),
    onError: tellProblem,
    onSettled,
  });
  const others = useMutation({
    mutationFn: () => body(api.DELETE("/sessions")),
    onSuccess: ({ ended }) => tellDone(ended === 1 ? "One browser was signed out." : `${ended} were signed out.`),
    onError: tellProblem,
    onSettled,
  });
  const now = useNow(30);
  const more = (sessions.data?.filter(({ current }) => !current).length ?? 0) > 0;
  return (
    <div className={styles.section}>
      <div className={styles.bar}>
        <h1 className={styles.title}>Sessions and token</h1>
        <Button variant="default" disabled={!more} loading={others.isPending} onClick={() => others.mutate()}>
          Sign all others out
        </Button>
      </div>
      {sessions.isPending && <Skeleton height={160} radius={8} />}
      {sessions.isError && <ProblemNote error={sessions.error} again={() => void sessions.refetch()} />}
      {sessions.data?.length === 0 && <p className={styles.hint}>No browser is signed in.</p>}
      <ul className={styles.rows} aria-label="Browsers that are signed in">
        {sessions.data?.map(({ id, browser, since, last_seen_at, expires_at, current }) => (
          <li key={id} className={styles.row}>
            <div className={styles.head}>
              <span className={styles.name}>{browser}</span>
              {current && <Tag tone="accent">this one</Tag>}
              <span className={styles.acts}>
                {!current && (
                  <Button size="compact-xs" variant="default" onClick={() => end.mutate(id)}>
                    Sign out<span className="wf-hidden"> {browser}</span>
                  </Button>
                )}
              </span>
            </div>
            <p className={styles.hint}>
              Since <time dateTime={since}>{clock(since)}</time>
              {last_seen_at !== null && `, seen ${ago(last_seen_at, now)}`}, ends by itself {clock(expires_at)}
            </p>
          </li>
        ))}
      </ul>
      <h2 className={styles.heading}>The owner&apos;s token</h2>
      <div className={styles.row}>
        <p>
          It stands in the hub&apos;s <code>.env</code>, which no page may write. On the hub&apos;s machine:
        </p>
        <ul className={styles.uses}>
          <li>
            <code>wf token rotate</code> makes a new one, starts the hub anew with it, and signs every browser out; work
            in progress goes on.
          </li>
          <li>
            <code>wf token rotate --keep-sessions</code> leaves browsers signed in.
          </li>
          <li>
            <code>wf secrets rotate</code> encrypts all kept keys anew.
          </li>
        </ul>
      </div>
    </div>
  );
}
