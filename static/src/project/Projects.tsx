import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { useState } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import { useArchived } from "./places";
import { ProjectRow } from "./ProjectRow";
import page from "../theme/Page.module.css";
import styles from "./Projects.module.css";
import { useProjects } from "./queries";

/** All projects: how each stands, and what can be done with it. */
export default function Projects({ newProject }: { newProject: () => void }) {
  const [which, setWhich] = useState<"work" | "archived">("work");
  const work = useProjects();
  const archived = useArchived(which === "archived");
  const list = which === "work" ? work : archived;
  return (
    <div className={`${page.page} ${styles.page}`}>
      <header className={styles.bar}>
        <h1 className={styles.title}>Projects</h1>
        <SegmentedControl
          size="xs"
          aria-label="Which projects"
          value={which}
          onChange={(value) => setWhich(value)}
          data={[
            { value: "work", label: "At work" },
            { value: "archived", label: "Archived" },
          ]}
        />
        <Button className={styles.new} onClick={newProject}>
          New project
        </Button>
      </header>
      {list.isPending && <Skeleton height={180} radius={8} />}
      {list.isError && <ProblemNote error={list.error} again={() => void list.refetch()} />}
      {list.data?.length === 0 && (
        <p className={styles.none}>
          {which === "work"
            ? "There is no project yet. A project is a folder with your code; the team works on branches of its own."
            : "Nothing is archived. What you archive rests here with all its history, until you bring it back."}
        </p>
      )}
      <ul className={styles.list}>
        {list.data?.map((project) => (
          <li key={project.id}>
            <ProjectRow project={project} />
          </li>
        ))}
      </ul>
    </div>
  );
}
