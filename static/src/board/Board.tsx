import { Button, Skeleton } from "@mantine/core";
import { useRef } from "react";
import { usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useProject, useProjects } from "../project/queries";
import { RequestBox } from "../request/RequestBox";
import { RequestStrip } from "../request/RequestStrip";
import { useUnderWay } from "../request/queries";
import styles from "./Board.module.css";
import { BoardColumn } from "./Column";
import { useBoard } from "./queries";
import { useGlide } from "./useGlide";

const GHOSTS = ["Backlog", "DEV", "QA", "DEPLOY", "Done"];

export function Board({ newProject }: { newProject: () => void }) {
  const place = usePlace();
  const projects = useProjects();
  const project = useProject();
  const board = useBoard(project?.id ?? null);
  const underWay = useUnderWay();
  const area = useRef<HTMLDivElement>(null);
  useGlide(area, board.data);

  if (place.project !== null && project === null) return <Middle words="There is no such project (any more)." />;
  if (projects.data?.length === 0)
    return (
      <Middle words="A project is a folder with your code. The team works on branches of its own; nothing reaches your main branch without your word.">
        <Button size="sm" onClick={newProject}>
          New project
        </Button>
      </Middle>
    );
  const coming = underWay.some(({ request }) => request.state !== "failed");
  const empty = board.data?.columns.every((column) => column.tasks.length === 0);
  return (
    <>
      <h1 className="wf-hidden">Board{project ? ` of ${project.name}` : ""}</h1>
      {project === undefined ? <Skeleton className={styles.box} radius={10} /> : <RequestBox />}
      <RequestStrip />
      {board.isError && (
        <div className={styles.problem}>
          <ProblemNote error={board.error} again={() => void board.refetch()} />
        </div>
      )}
      <div ref={area} className={styles.board}>
        {board.isPending && GHOSTS.map((name) => <Skeleton key={name} className={styles.ghost} radius={8} />)}
        {board.data?.columns.map((column) => (
          <BoardColumn key={column.stage} column={column} final={column.stage === board.data.columns.at(-1)?.stage} />
        ))}
        {empty && (
          <p className={styles.hint}>
            {coming
              ? "Tasks appear here once you approve the plan."
              : "No task yet. Write above what you want, in your own words."}
          </p>
        )}
      </div>
    </>
  );
}

function Middle({ words, children }: { words: string; children?: React.ReactNode }) {
  return (
    <div className={styles.middle}>
      <h1 className="wf-hidden">Board</h1>
      <p>{words}</p>
      {children}
    </div>
  );
}
