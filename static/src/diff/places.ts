import { type ChangeData, type FileData, getChangeKey } from "react-diff-view";

export type Side = "old" | "new";

/** A line of a file before or after the change. */
export interface LineAt {
  side: Side;
  line: number;
}

const lineOn = (change: ChangeData, side: Side): number | null => {
  if (change.type === "normal") return side === "old" ? change.oldLineNumber : change.newLineNumber;
  return (change.type === "delete") === (side === "old") ? change.lineNumber : null;
};

/** The change that shows a line; null where the diff does not reach it. */
export function changeAt(file: FileData | undefined, { side, line }: LineAt): ChangeData | null {
  for (const { changes } of file?.hunks ?? [])
    for (const change of changes) if (lineOn(change, side) === line) return change;
  return null;
}

export const keyAt = (file: FileData | undefined, at: LineAt): string | null => {
  const change = changeAt(file, at);
  return change && getChangeKey(change);
};

/** Where a shown line stands: a removed one before, any other after the change. */
export function placeOf(change: ChangeData): LineAt {
  if (change.type === "delete") return { side: "old", line: change.lineNumber };
  return { side: "new", line: change.type === "insert" ? change.lineNumber : change.newLineNumber };
}
