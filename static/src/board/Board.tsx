import { Button, Skeleton } from "@mantine/core";
import { useMemo, useRef } from "react";
import { part } from "../part/part";
import { usePlace } from "../place/usePlace";
import { usePlans } from "../plan/queries";
import { ProblemNote } from "../problem/ProblemNote";
import { useProject, useProjects } from "../project/queries";
import { RequestBox } from "../request/RequestBox";
import { RequestStrip } from "../request/RequestStrip";
import { useUnderWay } from "../request/queries";
import styles from "./Board.module.css";
import { BoardColumn } from "./Column";
import { FilterBar } from "./FilterBar";
import { isNarrowed } from "./filter";
import { Glide } from "./Glide";
import { LaneHead, useFolded } from "./LaneHead";
import { lanesOf } from "./lanes";
import { useBoard } from "./queries";
import { useSaid } from "./say";
import { useMoving } from "./useMoving";

const GHOSTS = ["Backlog", "DEV", "QA", "DEPLOY", "Done"];
const MoveDialog = part(() => import("./MoveDialog"));

export function Board({ newProject }: { newProject: () => void }) {
  const place = usePlace();
  const projects = useProjects();
  const project = useProject();
  const board = useBoard(place.project ?? (project === undefined ? undefined : (project?.id ?? null)));
  const underWay = useUnderWay();

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
      {board.isPending && (
        <div className={styles.board} aria-busy="true">
          {GHOSTS.map((name) => (
            <Skeleton key={name} className={styles.ghost} radius={8} />
          ))}
        </div>
      )}
      {board.data && <Lanes board={board.data} empty={empty ? (coming ? COMING : NONE) : null} />}
    </>
  );
}

const COMING = "Tasks appear here once you approve the plan.";
const NONE = "No task yet. Write above what you want, in your own words.";

/** The columns, once or for each plan. */
function Lanes({ board, empty }: { board: NonNullable<ReturnType<typeof useBoard>["data"]>; empty: string | null }) {
  const { filter } = usePlace();
  const plans = usePlans().data;
  const area = useRef<HTMLDivElement>(null);
  const moving = useMoving(board);
  const folded = useFolded();
  const lanes = useMemo(() => lanesOf(board.columns, plans ?? [], filter), [board, plans, filter]);
  const shown = lanes.reduce((sum, lane) => sum + lane.count, 0);
  return (
    <>
      {empty === null && <FilterBar board={board} filter={filter} shown={shown} />}
      <div
        ref={area}
        className={styles.lanes}
        data-lanes={filter.lanes || undefined}
        data-movable={moving.engine !== null || undefined}
        onKeyDown={moving.onKeyDown}
      >
        <Glide area={area} board={board}>
          {lanes.map((lane) => (
            <section key={lane.id} className={styles.lane} aria-label={lane.title || undefined}>
              {filter.lanes && (
                <LaneHead lane={lane} folded={folded.has(lane.id)} toggle={() => folded.toggle(lane.id)} />
              )}
              {!(filter.lanes && folded.has(lane.id)) && (
                <div className={styles.board}>
                  {board.columns.map((column) => (
                    <BoardColumn
                      key={column.stage}
                      column={column}
                      cards={lane.cards.get(column.stage) ?? []}
                      lane={lane.id}
                      final={column === board.columns.at(-1)}
                      engine={moving.engine}
                    />
                  ))}
                  {empty && <p className={styles.hint}>{empty}</p>}
                </div>
              )}
            </section>
          ))}
        </Glide>
        {shown === 0 && isNarrowed(filter) && <p className={styles.hint}>No card is like that.</p>}
      </div>
      <p id="card-keys" hidden>
        Space takes the card up to move it.
      </p>
      <Said />
      {moving.asked && <MoveDialog consequence={moving.asked.consequence} answer={moving.answer} />}
    </>
  );
}

function Said() {
  return (
    <div className="wf-hidden" role="status" aria-live="assertive">
      {useSaid()}
    </div>
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
