import { Button, FileButton, Group, Skeleton } from "@mantine/core";
import type { WorkflowRow } from "../api/types";
import { go, linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "../role/Roles.module.css";
import { Tag } from "../tag/Tag";
import { keepDraft, NEW, SMALLEST } from "./draft";
import { useWorkflows } from "./queries";
import { NewWorkflow, WorkflowView } from "./WorkflowView";

export default function Workflows() {
  const place = usePlace();
  if (place.workflow === null) return <WorkflowList />;
  return place.workflow === NEW ? <NewWorkflow /> : <WorkflowView key={place.workflow} name={place.workflow} />;
}

function WorkflowList() {
  const workflows = useWorkflows();
  const begin = (source: string) => {
    keepDraft(NEW, { base: 0, source });
    go({ workflow: NEW });
  };
  const take = (file: File | null) => {
    if (file !== null) void file.text().then(begin);
  };
  return (
    <div className={styles.page} style={{ padding: 0, width: "100%" }}>
      <header className={styles.bar}>
        <h1 className={styles.title}>Workflows</h1>
        <Group gap="xs">
          <FileButton onChange={take} accept=".yaml,.yml,text/yaml,application/yaml">
            {(props) => (
              <Button variant="default" {...props}>
                Import a file
              </Button>
            )}
          </FileButton>
          <Button variant="default" onClick={() => begin(SMALLEST)}>
            New workflow
          </Button>
        </Group>
      </header>
      <p className={styles.words}>
        The stages that a project&apos;s tasks go through. A task keeps the version it began with.
      </p>
      {workflows.isPending && <Skeleton height={240} radius={8} />}
      {workflows.isError && <ProblemNote error={workflows.error} again={() => void workflows.refetch()} />}
      <ul className={styles.list}>
        {workflows.data?.map((row) => (
          <li key={row.name}>
            <Row row={row} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Row({ row: { name, title, version, origin, stages, projects, open_tasks } }: { row: WorkflowRow }) {
  const place = usePlace();
  const used = projects === 1 ? "1 project" : `${projects} projects`;
  const tasks = open_tasks === 1 ? "1 open task" : `${open_tasks} open tasks`;
  return (
    <a className={styles.row} {...linkTo(place, { workflow: name })}>
      <span className={styles.name}>
        {title} {origin === "imported" && <Tag>yours</Tag>}
      </span>
      <span className={styles.words}>{stages.join(" → ")}</span>
      <span className={styles.facts}>{[name, `version ${version}`, used, tasks].join(" · ")}</span>
    </a>
  );
}
