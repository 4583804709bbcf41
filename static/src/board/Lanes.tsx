import { Button } from "@mantine/core";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Lane } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./Board.module.css";
import { Columns, type ColumnsProps } from "./Columns";
import { LaneHead, useFolded } from "./LaneHead";
import { useBoard, useLanes } from "./queries";

const NO_PLAN = 0;
const AHEAD = "400px";

type Props = Pick<ColumnsProps, "which" | "engine">;

/** The board once for each plan; of a lane the cards are read when it comes into sight. */
export function Lanes({ which, engine }: Props) {
  const lanes = useLanes(which);
  const folded = useFolded();
  const end = useRef<HTMLDivElement>(null);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = lanes;
  const atEnd = useSight(end, false);
  useEffect(() => {
    if (atEnd && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [atEnd, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <>
      {lanes.isError && (
        <div className={styles.problem}>
          <ProblemNote error={lanes.error} again={() => void lanes.refetch()} />
        </div>
      )}
      {lanes.data?.pages
        .flatMap((page) => page.lanes)
        .map((lane) => {
          const id = lane.plan_id === null ? "none" : `plan ${lane.plan_id}`;
          const mine = { project: which.project, asked: { ...which.asked, plan_id: lane.plan_id ?? NO_PLAN } };
          return (
            <section key={id} className={styles.lane} aria-label={lane.title}>
              <LaneHead lane={lane} folded={folded.has(id)} toggle={() => folded.toggle(id)} />
              {!folded.has(id) && <OneLane id={id} lane={lane} which={mine} engine={engine} />}
            </section>
          );
        })}
      <div ref={end} className={styles.lanesEnd}>
        {hasNextPage && (
          <Button size="compact-xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Older plans
          </Button>
        )}
      </div>
    </>
  );
}

function OneLane({ id, lane, which, engine }: Props & { id: string; lane: Lane }) {
  const place = useRef<HTMLDivElement>(null);
  const seen = useSight(place, true);
  const board = useBoard(seen ? which : null);
  return (
    <div ref={place} className={styles.oneLane}>
      {board.isError && <ProblemNote error={board.error} again={() => void board.refetch()} />}
      {board.data ? (
        <Columns board={board.data} which={which} lane={id} engine={engine} />
      ) : (
        <p className={styles.reading}>{board.isError ? "" : `Reading ${lane.total.toLocaleString("en")} …`}</p>
      )}
    </div>
  );
}

/** Whether an element is in sight or about to be; `stays`: once it was. */
function useSight(place: RefObject<HTMLElement | null>, stays: boolean): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (place.current === null || (stays && seen)) return;
    const watch = new IntersectionObserver(([entry]) => entry && setSeen(entry.isIntersecting), { rootMargin: AHEAD });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [place, stays, seen]);
  return seen;
}
