import type { LogLine, LogPage, SkippedLines } from "../api/types";

/** A row of the log: a line, a place where lines were left out, or the word that older ones are no more. */
export type Row =
  | { kind: "line"; key: string; line: LogLine }
  | { kind: "gap"; key: string; gap: SkippedLines }
  | { kind: "lost"; key: string };

/** Rows that are kept while the end is followed; those above can be read again. */
export const MOST_ROWS = 5_000;
const ROOM = 1_000;
/** Rows that are kept while the person reads further up; then the feed has to rest. */
export const MOST_READ = 20_000;

/** The rows of a log that the page has: grows at its end, and at its beginning when older lines are asked for. */
export class LogLines {
  rows: Row[] = [];
  /** Where older lines end; empty while nothing was read. */
  first = "";
  /** Everything older was looked through. */
  whole = false;
  /** Bytes above that were not looked through. */
  left = 0;
  private lostCount = 0;

  get full(): boolean {
    return this.rows.length >= MOST_READ;
  }

  /** What was written since; `follows`: the person looks at the end, and the top may go. */
  append(page: LogPage, follows: boolean): void {
    if (this.first === "") {
      this.first = page.first;
      this.whole = page.complete;
      this.left = page.left;
    }
    if (page.lost && this.rows.length > 0) this.rows.push({ kind: "lost", key: `lost ${++this.lostCount}` });
    if (page.skipped !== null) this.rows.push(gapRow(page.skipped));
    for (const line of page.lines) this.rows.push(lineRow(line));
    if (follows && this.rows.length > MOST_ROWS + ROOM) this.cut();
  }

  /** What stands above; returns how many rows came. */
  prepend(page: LogPage): number {
    this.rows = [...page.lines.map(lineRow), ...this.rows];
    this.first = page.first || this.first;
    this.whole = page.complete;
    this.left = page.left;
    return page.lines.length;
  }

  /** Lines of a gap; what is left of it stays. `filtered`: nobody knows how many of them are wanted. */
  fill(key: string, page: LogPage, filtered: boolean): void {
    const at = this.rows.findIndex((row) => row.key === key);
    const row = this.rows[at];
    if (row?.kind !== "gap") return;
    const rest: SkippedLines = {
      after: page.last,
      before: row.gap.before,
      lines: filtered ? row.gap.lines : Math.max(1, row.gap.lines - page.lines.length),
    };
    this.rows.splice(at, 1, ...page.lines.map(lineRow), ...(page.complete ? [] : [gapRow(rest)]));
  }

  private cut(): void {
    this.rows = this.rows.slice(-MOST_ROWS);
    const top = this.rows.find((row) => row.kind !== "lost");
    if (top !== undefined) this.first = top.kind === "line" ? top.line.position : top.gap.after;
    this.whole = false;
    this.left = 0;
  }
}

const lineRow = (line: LogLine): Row => ({ kind: "line", key: line.position, line });
const gapRow = (gap: SkippedLines): Row => ({ kind: "gap", key: `gap ${gap.after}`, gap });
