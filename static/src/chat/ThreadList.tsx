import { Skeleton } from "@mantine/core";
import type { ChatThread } from "../api/types";
import { useNow } from "../clock/useNow";
import { ago } from "../clock/words";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useProject, useProjects } from "../project/queries";
import { Tag } from "../tag/Tag";
import styles from "./Chat.module.css";
import { useThreads } from "./queries";

/** The threads, the newest first; a project's own stands there before anything was said in it. */
export function ThreadList() {
  const chosen = useProject();
  const projects = useProjects();
  const threads = useThreads(chosen?.id ?? null);
  const now = useNow(30);
  if (threads.isError) return <ProblemNote error={threads.error} again={() => void threads.refetch()} />;
  if (threads.isPending || projects.isPending) return <Skeleton height={120} radius={8} />;
  const silent = (chosen ? [chosen] : (projects.data ?? [])).filter(
    ({ id }) => !threads.data.some(({ project_id, task_id }) => project_id === id && task_id === null),
  );
  return (
    <ul className={styles.threads} aria-label="Chats">
      {threads.data.map((one) => (
        <Row key={`${one.project_id}.${one.task_id ?? 0}`} thread={one} now={now} />
      ))}
      {silent.map((project) => (
        <Row
          key={project.id}
          thread={{ project_id: project.id, task_id: null, key: null, title: project.name }}
          now={now}
        />
      ))}
    </ul>
  );
}

type Told = Pick<ChatThread, "project_id" | "task_id" | "key" | "title"> & Partial<ChatThread>;

function Row({ thread, now }: { thread: Told; now: number }) {
  const here = usePlace();
  const project = useProject();
  const on = here.thread === thread.task_id && project?.id === thread.project_id;
  return (
    <li>
      <a
        className={styles.row}
        aria-current={on ? "page" : undefined}
        {...linkTo(here, { project: thread.project_id, thread: thread.task_id })}
      >
        <span className={styles.rowTitle}>
          {thread.key !== null && <b>{thread.key}</b>} {thread.title}
        </span>
        {thread.last_text !== undefined && <span className={styles.lastText}>{thread.last_text || "…"}</span>}
        <span className={styles.dim}>
          {thread.last_at !== undefined ? ago(thread.last_at, now) : "nothing said yet"}
          {(thread.asks ?? 0) > 0 && <Tag tone="wait">asks you</Tag>}
          {(thread.thinking ?? 0) > 0 && <Tag tone="accent">answers</Tag>}
        </span>
      </a>
    </li>
  );
}
