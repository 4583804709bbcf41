import { type ReactNode, useRef } from "react";
import type { Board } from "../api/types";
import styles from "./Board.module.css";
import { BoardColumn } from "./Column";
import type { DragEngine } from "./drag";
import { Glide } from "./Glide";
import type { Which } from "./queries";

export interface ColumnsProps {
  board: Board;
  which: Which;
  /** Null where the board is not divided. */
  lane: string | null;
  engine: DragEngine | null;
  children?: ReactNode;
}

/** The columns of a board, or of one lane of it. */
export function Columns({ board, which, lane, engine, children }: ColumnsProps) {
  const area = useRef<HTMLDivElement>(null);
  return (
    <div ref={area} className={styles.board}>
      <Glide area={area} board={board}>
        {board.columns.map((column) => (
          <BoardColumn
            key={column.stage}
            column={column}
            which={which}
            lane={lane}
            final={column === board.columns.at(-1)}
            engine={engine}
          />
        ))}
      </Glide>
      {children}
    </div>
  );
}
