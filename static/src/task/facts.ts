import type { HubEvent } from "../api/types";
import { told } from "../api/told";
import { duration } from "../clock/words";
import { shortWait } from "./words";

type Data = Record<string, unknown>;

const findingTitle = (data: Data): string => told(data, "finding") || told(data, "title");
const stage = (data: Data, name = "stage"): string => told(data, name).toUpperCase();

const HELD: Record<string, string> = {
  stopped: "its agent is stopped",
  ending_turn: "its agent ends the turn it is in",
  between_steps: "no agent was at work",
};

const FACTS: Record<string, (data: Data) => string | null> = {
  "task.created": () => "made the task",
  "task.edited": (data) => `changed ${Array.isArray(data.fields) ? data.fields.join(", ") : "it"}`,
  "task.triggered": (data) => `started it at ${stage(data)}${data.merge ? ", the merge approved beforehand" : ""}`,
  "task.funded": () => "gave more money, so it goes on",
  "task.stage": (data) => `${data.sent_back ? "sent it back to" : "moved it to"} ${stage(data, "new")}`,
  "task.waiting": (data) =>
    data.reason === "approval"
      ? "asks for your approval"
      : `${shortWait(told(data, "reason"))}${data.sentence ? `: ${told(data, "sentence")}` : ""}`,
  "task.paused": (data) => `paused it${data.sentence ? `: ${told(data, "sentence")}` : ""}`,
  "pause.set": (data) => told(data, "sentence"),
  "pause.ended": (data) => told(data, "sentence"),
  "run.held": (data) => `stands still at ${stage(data)}: ${HELD[told(data, "how")] ?? told(data, "how")}`,
  "run.goes_on": (data) => `goes on at ${stage(data)} after ${duration(Number(data.paused_seconds))}`,
  "task.blocked": () => "left it waiting for other tasks",
  "task.merged": (data) => `merged it as ${told(data, "commit").slice(0, 10)}`,
  "task.merge_undone": (data) => `undid its merge on ${told(data, "branch")}${why(data)}`,
  "task.rolled_back": (data) => `rolled its branch back to ${told(data, "after").slice(0, 10)}${why(data)}`,
  "task.recovered": (data) => `recovered its work as ${told(data, "branch")}${why(data)}`,
  "task.undo_merge_refused": (data) => `could not undo its merge: ${told(data, "sentence")}`,
  "task.rollback_refused": (data) => `could not roll it back: ${told(data, "sentence")}`,
  "task.recover_refused": (data) => `could not recover it: ${told(data, "sentence")}`,
  "push.queued": (data) => `will push it to ${told(data, "remote")}`,
  "push.done": (data) => `pushed it to ${told(data, "remote")}`,
  "push.waits": (data) => `could not push it yet: ${told(data, "sentence")}`,
  "push.refused": (data) => `could not push it: ${told(data, "sentence")}`,
  "task.done": () => "finished it",
  "task.cancelled": () => "cancelled it",
  "task.repaired": () => "found it in nobody's hands and queued it",
  "run.started": (data) => `begins ${stage(data)}${Number(data.round) > 1 ? `, round ${told(data, "round")}` : ""}`,
  "run.step": stepWords,
  "run.model_changed": (data) => `goes on with ${told(data, "taken")}: ${told(data, "sentence")}`,
  "run.passed": (data) => `passed ${stage(data)}${seconds(data)}`,
  "run.failed": (data) => `failed ${stage(data)}${seconds(data)}${data.summary ? `: ${told(data, "summary")}` : ""}`,
  "run.blocked": (data) => `stopped in ${stage(data)}${data.summary ? `: ${told(data, "summary")}` : ""}`,
  "run.lost": (data) => `was interrupted in ${stage(data)}${data.summary ? `: ${told(data, "summary")}` : ""}`,
  "run.cancelled": () => "stopped the run",
  "finding.filed": (data) => `found: ${findingTitle(data)} (${told(data, "severity")})`,
  "finding.reopened": (data) => `found again: ${findingTitle(data)}`,
  "finding.fixed": (data) => `mended: ${findingTitle(data)}`,
  "finding.waived": (data) => `let a finding stay${data.note ? `: ${told(data, "note")}` : ""}`,
  "finding.void": (data) => `let a finding go: ${findingTitle(data)}. ${told(data, "note")}`,
  "finding.open": (data) => `opened a finding again: ${findingTitle(data)}${why(data)}`,
  "gate.overridden": (data) => `let it pass the gate of ${stage(data)}: ${told(data, "note")}`,
  "approval.approved": () => "approved the merge",
  "approval.rejected": (data) => `rejected it${data.note ? `: ${told(data, "note")}` : ""}`,
  "approval.changes_asked": (data) => `asked for changes: ${told(data, "note")}`,
  "approval.void": () => "the change is another now, so the approval is void",
};

const BEGUN = ["task.undo_merge_begun", "task.rollback_begun", "task.recover_begun"];
const SILENT = new Set(["task.running", "task.queued", "task.idle", "comment.added", "approval.asked", ...BEGUN]);

/** An event in words, for the history of a task; null for what another line tells already. */
export function factWords(event: HubEvent): string | null {
  if (SILENT.has(event.kind)) return null;
  const words = FACTS[event.kind];
  return words ? words(event.data ?? {}) : event.kind.replaceAll(/[._]/g, " ");
}

function stepWords(data: Data): string | null {
  const tests = data.tests as { passed?: number; failed?: number; errors?: number } | null;
  if (!tests) return null;
  const failed = (tests.failed ?? 0) + (tests.errors ?? 0);
  const where = told(data, "step").endsWith("-base") ? " at the merge base" : "";
  return failed
    ? `${failed} of ${failed + (tests.passed ?? 0)} tests fail${where}`
    : `${tests.passed} tests pass${where}`;
}

const why = (data: Data): string => (data.note ? `: ${told(data, "note")}` : "");
const seconds = (data: Data): string => (typeof data.seconds === "number" ? ` in ${duration(data.seconds)}` : "");
