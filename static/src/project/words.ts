import type { Summary } from "../api/types";

/** "1 running, 2 wait for you, 7 open". */
export function countsWords({
  running,
  waiting,
  open,
}: Pick<Summary["projects"][number], "running" | "waiting" | "open">): string {
  const parts = [
    running > 0 && `${running} running`,
    waiting > 0 && (waiting === 1 ? "1 waits for you" : `${waiting} wait for you`),
    open > 0 && `${open} open`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : "Nothing is open";
}
