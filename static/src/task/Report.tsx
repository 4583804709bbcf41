import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { keys } from "../api/keys";
import { asProblem } from "../api/problem";
import type { Task } from "../api/types";
import { Told } from "../markdown/Told";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./EvidenceBox.module.css";

/** What research found; nothing before it has ended. */
export default function Report({ task }: { task: Task }) {
  const report = useQuery({
    queryKey: keys.taskPart(task.id, "report"),
    queryFn: () => body(api.GET("/tasks/{task_id}/report", { params: { path: { task_id: task.id } } })),
  });
  if (report.isError && asProblem(report.error).status === 404) return null;
  if (report.isError) return <ProblemNote error={report.error} again={() => void report.refetch()} />;
  if (!report.data) return null;
  return (
    <section className={styles.box} aria-labelledby="report">
      <h3 id="report">The report</h3>
      <Told>{report.data.markdown}</Told>
    </section>
  );
}
