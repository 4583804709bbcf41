import { Skeleton } from "@mantine/core";
import { useState } from "react";
import { gone } from "../api/problem";
import { usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useProject, useProjects } from "../project/queries";
import { TaskQuestions } from "../question/TaskQuestions";
import { useTask } from "../task/queries";
import styles from "./Chat.module.css";
import { Thread } from "./Thread";
import { ThreadList } from "./ThreadList";

/** All that was said: the threads at the left, the chosen one at the right. */
export function Chat() {
  const place = usePlace();
  const project = useProject();
  const projects = useProjects();
  const at = `${project?.id ?? ""}.${place.thread ?? ""}`;
  const [listing, setListing] = useState<string | null>(null); // on a phone; going elsewhere closes it
  const list = () => setListing((now) => (now === at ? null : at));
  return (
    <div className={styles.page} data-list={listing === at || (!project && place.thread === null) || undefined}>
      <aside className={styles.side}>
        <h2 className={styles.sideTitle}>Chats</h2>
        <ThreadList />
      </aside>
      {projects.isError && <ProblemNote error={projects.error} again={() => void projects.refetch()} />}
      {project === undefined && place.thread === null && <Skeleton height={200} radius={8} />}
      {project === null && place.thread === null && (
        <p className={styles.choose}>
          {projects.data?.length === 0
            ? "There is no project yet. Make one, then ask for work here."
            : "Choose a chat: each project has one, and each of its tasks."}
        </p>
      )}
      {project && place.thread === null && (
        <Thread
          key={project.id}
          thread={{ project: project.id, task: null }}
          title={project.name}
          taskKey={null}
          list={list}
        />
      )}
      {place.thread !== null && <TaskThread key={place.thread} id={place.thread} list={list} />}
    </div>
  );
}

function TaskThread({ id, list }: { id: number; list: () => void }) {
  const task = useTask(id);
  if (task.isPending) return <Skeleton height={200} radius={8} />;
  if (task.isError)
    return <ProblemNote error={gone(task.error, "The task may be deleted. Its project's chat is in the list.")} />;
  const { data } = task;
  return (
    <Thread thread={{ project: data.project_id, task: id }} title={data.title} taskKey={data.key} list={list}>
      {data.waiting_reason === "answer" && <TaskQuestions task={data} />}
    </Thread>
  );
}
