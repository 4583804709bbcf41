import type { WaysBack, WayBack } from "../api/types";
import type { Tone } from "../tag/Tag";

type Kind = WayBack["kind"];

/** `to` is the run before which it shall be as it was, or what shall be recovered (null: what was undone). */
export type Way = { kind: "undo_merge" } | { kind: "rollback"; to: string } | { kind: "recover"; to: string | null };

export interface Point {
  way: Way;
  title: string;
  at: string | null;
  hint: string;
}

export const VERBS: Record<Kind, string> = {
  undo_merge: "Undo the merge",
  rollback: "Roll back",
  recover: "Recover it",
};

const DONE: Record<Kind, string> = {
  undo_merge: "merge is undone",
  rollback: "branch is rolled back",
  recover: "branch is recovered",
};

export const doneWords = (kind: Kind, key: string): string => `${key}'s ${DONE[kind]}. It is paused: run it to go on.`;

const UNDER_WAY: Record<Kind, string> = {
  undo_merge: "its merge is being undone",
  rollback: "it is being rolled back",
  recover: "its branch is being recovered",
};

/** What was begun and is not over; nothing else begins on the task before. */
export function underWay({ taken }: WaysBack): string | null {
  const [last] = taken;
  return last?.state === "begun" ? UNDER_WAY[last.kind] : null;
}

/** Where each kind of way leads, the newest first; a kind with no points is not offered. */
export function pointsOf(ways: WaysBack): Record<Kind, Point[]> {
  const undo: Point[] = ways.undoable ? [{ way: { kind: "undo_merge" }, title: "", at: null, hint: "" }] : [];
  const rollback = ways.checkpoints
    .filter((point) => point.current)
    .map(({ run_id, stage, round, at, state }): Point => ({
      way: { kind: "rollback", to: run_id },
      title: `before ${stage.toUpperCase()}${round > 1 ? `, round ${round}` : ""}`,
      at,
      hint: RUNS[state] ?? state,
    }));
  const left = ways.checkpoints.filter((point) => !point.current && point.branch !== ways.branch);
  const recover = [
    ...undone(ways),
    ...ways.kept
      .filter((one) => ways.branch === null || one.ref !== `refs/heads/${ways.branch}`)
      .map(({ ref, at, subject }): Point => ({
        way: { kind: "recover", to: ref },
        title: keptWords(ref),
        at,
        hint: subject,
      })),
    ...left.map(({ ref, stage, round, at, branch }): Point => ({
      way: { kind: "recover", to: ref },
      title: `${branch} before ${stage.toUpperCase()}${round > 1 ? `, round ${round}` : ""}`,
      at,
      hint: "",
    })),
  ];
  return { undo_merge: undo, rollback, recover };
}

const RUNS: Record<string, string> = {
  passed: "which passed",
  failed: "which failed",
  blocked: "which stopped",
  cancelled: "which was stopped",
  lost: "which was interrupted",
  running: "which is at work",
  queued: "which waits",
};

function undone({ taken, undoable }: WaysBack): Point[] {
  const last = taken.find((one) => one.state === "done");
  if (last?.kind !== "undo_merge" || undoable) return [];
  return [{ way: { kind: "recover", to: null }, title: "the change that was undone", at: last.finished_at, hint: "" }];
}

const WHY: Record<string, string> = {
  "rolled-back": "what was rolled back",
  merged: "the branch as it was merged",
  left: "a branch that was left",
};

/** A ref of the mirror in words: refs/heads/wfhub/POC-1-2, refs/wfhub/kept/POC-1/<sha>-<why>, refs/wfhub/lost/… */
export function keptWords(ref: string): string {
  if (ref.startsWith("refs/heads/")) return `the branch ${ref.slice("refs/heads/".length)}`;
  if (ref.startsWith("refs/wfhub/lost/")) return "files that were not committed";
  const why = /\/[0-9a-f]+-([a-z-]+)$/.exec(ref)?.[1] ?? "";
  return WHY[why] ?? "what was kept";
}

interface Pushed {
  state: string;
  remote: string;
}

/** How a merge stands on its way to a remote. */
export function pushWords({ state, remote }: Pushed): { words: string; tone: Tone } {
  if (state === "pushed") return { words: `pushed to ${remote}`, tone: "ok" };
  if (state === "refused") return { words: `${remote} refused it`, tone: "bad" };
  return { words: `waits to be pushed to ${remote}`, tone: "wait" };
}

export const filesWords = (count: number): string => (count === 1 ? "1 file" : `${count} files`);
