import { UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { Lane } from "../api/types";
import styles from "./Board.module.css";

const KEPT = "wfhub.lanes.folded";

export function LaneHead({ lane, folded, toggle }: { lane: Lane; folded: boolean; toggle: () => void }) {
  return (
    <h2 className={styles.laneHead}>
      <UnstyledButton aria-expanded={!folded} onClick={toggle}>
        <span aria-hidden="true">{folded ? "▸" : "▾"}</span> <small>{lane.total}</small> {lane.title}
      </UnstyledButton>
    </h2>
  );
}

/** Which lanes are folded, in this browser. */
export function useFolded() {
  const [folded, setFolded] = useState(() => new Set((localStorage.getItem(KEPT) ?? "").split(",").filter(Boolean)));
  return {
    has: (lane: string) => folded.has(lane),
    toggle: (lane: string) => {
      const next = new Set(folded);
      if (!next.delete(lane)) next.add(lane);
      localStorage.setItem(KEPT, [...next].join(","));
      setFolded(next);
    },
  };
}
