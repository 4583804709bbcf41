import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { ProblemNote } from "../problem/ProblemNote";
import { useProject } from "../project/queries";
import styles from "./Inbox.module.css";
import { Item } from "./Item";

export function useInbox(project: number | null) {
  return useQuery({
    queryKey: keys.inbox(project),
    queryFn: () => body(api.GET("/inbox", { params: { query: { project_id: project } } })),
  });
}

/** All that waits for the person, the longest waiting first, with the decision right there. */
export function Inbox() {
  const project = useProject();
  const inbox = useInbox(project?.id ?? null);
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Waits for you</h1>
      {inbox.isPending && <Skeleton height={72} radius={8} />}
      {inbox.isError && <ProblemNote error={inbox.error} again={() => void inbox.refetch()} />}
      {inbox.data?.count === 0 && (
        <p className={styles.empty}>Nothing waits for you. The team goes on by itself until it needs your word.</p>
      )}
      <ul className={styles.list} aria-live="polite">
        {inbox.data?.items.map((item) => (
          <Item key={`${item.kind}${item.id}${item.link}`} item={item} />
        ))}
      </ul>
    </div>
  );
}
