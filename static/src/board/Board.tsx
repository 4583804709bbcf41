import { Skeleton, UnstyledButton } from "@mantine/core";
import { part } from "../part/part";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useProject, useProjects } from "../project/queries";
import { RequestBox } from "../request/RequestBox";
import { RequestStrip } from "../request/RequestStrip";
import { useUnderWay } from "../request/queries";
import styles from "./Board.module.css";
import { Columns } from "./Columns";
import { FilterBar, IMPORT } from "./FilterBar";
import { isNarrowed } from "./filter";
import { Lanes } from "./Lanes";
import type { Held } from "./pieces";
import { useBoard, useSettled, type Which } from "./queries";
import { useSaid } from "./say";
import { useMoving } from "./useMoving";
import { allOf } from "./words";

const FirstRun = part(() => import("../start/FirstRun"));
const GHOSTS = ["Backlog", "DEV", "QA", "DEPLOY", "Done"];
const MoveDialog = part(() => import("./MoveDialog"));

interface Props {
  newProject: () => void;
  newTask: () => void;
}

export function Board({ newProject, newTask }: Props) {
  const place = usePlace();
  const projects = useProjects();
  const project = useProject();
  const asked = useSettled(place.filter);
  const known = place.project !== null || project !== undefined;
  const which = { project: place.project ?? project?.id ?? null, asked };
  const counts = { ...which, asked: { ...asked, first: 0 } };
  const board = useBoard(!known ? null : place.filter.lanes ? counts : which);
  const underWay = useUnderWay();

  if (place.project !== null && project === null) return <Middle words="There is no such project (any more)." />;
  if (projects.data?.length === 0) return <FirstRun newProject={newProject} />;
  const coming = underWay.some(({ request }) => request.state !== "failed");
  const empty = board.data?.columns.every((column) => allOf(column) === 0);
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
      {board.data && (
        <Cards
          board={board.data}
          which={which}
          empty={empty ? (coming ? COMING : NONE) : null}
          behind={board.isPlaceholderData}
          newTask={newTask}
        />
      )}
    </>
  );
}

interface CardsProps {
  board: Held;
  which: Which;
  /** Said where there is no task at all. */
  empty: string | null;
  /** What is shown is of the filter before. */
  behind: boolean;
  newTask: () => void;
}

const COMING = "Tasks appear here once you approve the plan.";
const NONE = "No task yet. Write above what you want, in your own words.";

/** The columns, once or for each plan. */
function Cards({ board, which, empty, behind, newTask }: CardsProps) {
  const place = usePlace();
  const { filter } = place;
  const moving = useMoving(board);
  const shown = board.columns.reduce((sum, column) => sum + column.total, 0);
  return (
    <>
      {empty === null && <FilterBar board={board} filter={filter} shown={shown} newTask={newTask} />}
      <div
        className={styles.lanes}
        data-lanes={filter.lanes || undefined}
        data-movable={moving.engine !== null || undefined}
        aria-busy={behind}
        onKeyDown={moving.onKeyDown}
      >
        {filter.lanes ? (
          <Lanes which={which} engine={moving.engine} />
        ) : (
          <Columns board={board} which={which} lane={null} engine={moving.engine}>
            {empty && (
              <p className={styles.hint}>
                {empty}{" "}
                <UnstyledButton className={styles.byHand} onClick={newTask}>
                  Or make a task by hand
                </UnstyledButton>
                {", or "}
                <a className={styles.byHand} {...linkTo(place, IMPORT)}>
                  import tasks
                </a>
              </p>
            )}
          </Columns>
        )}
        {shown === 0 && !behind && isNarrowed(filter) && <p className={styles.hint}>No card is like that.</p>}
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
