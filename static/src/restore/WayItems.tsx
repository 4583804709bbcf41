import { Menu } from "@mantine/core";
import type { Task, WayBack } from "../api/types";
import { useWaysBack } from "./queries";
import { type Point, pointsOf, underWay } from "./words";

const NAMES: [WayBack["kind"], string][] = [
  ["undo_merge", "Undo merge"],
  ["rollback", "Roll back"],
  ["recover", "Recover"],
];

/** What was asked for; `points` stay as they were then. */
export interface Asked {
  kind: WayBack["kind"];
  points: Point[];
}

/** What of the task's git state can be brought back, as items of its menu. */
export function WayItems({ task, ask }: { task: Task; ask: (asked: Asked) => void }) {
  const ways = useWaysBack(task.id);
  if (!ways.data || underWay(ways.data) !== null) return null;
  const points = pointsOf(ways.data);
  return (
    <>
      {NAMES.filter(([kind]) => points[kind].length > 0).map(([kind, name]) => (
        <Menu.Item key={kind} onClick={() => ask({ kind, points: points[kind] })}>
          {name} …
        </Menu.Item>
      ))}
    </>
  );
}
