import { Skeleton } from "@mantine/core";
import type { Task } from "../api/types";
import { ago, clock } from "../clock/words";
import { useNow } from "../clock/useNow";
import { Told } from "../markdown/Told";
import { ProblemNote } from "../problem/ProblemNote";
import { useComments } from "./queries";
import styles from "./Talk.module.css";

export default function Talk({ task }: { task: Task }) {
  const comments = useComments(task.id);
  const now = useNow(30);
  if (comments.isPending) return <Skeleton height={100} radius={8} />;
  if (comments.isError) return <ProblemNote error={comments.error} again={() => void comments.refetch()} />;
  return (
    <>
      {comments.data.length === 0 && <p className={styles.none}>Nothing was said yet.</p>}
      <ol className={styles.list}>
        {comments.data.map((comment) => (
          <li key={comment.id} className={styles.comment} data-author={comment.author}>
            <p className={styles.who}>
              <b>{comment.author === "person" ? "You" : comment.author}</b>{" "}
              <time dateTime={comment.created_at} title={clock(comment.created_at)}>
                {ago(comment.created_at, now)}
              </time>
            </p>
            <Told>{comment.body}</Told>
          </li>
        ))}
      </ol>
    </>
  );
}
