import type { HubEvent } from "../api/types";
import { told } from "../api/told";
import { duration } from "../clock/words";
import { shortWait } from "./words";

type Data = Record<string, unknown>;

const findingTitle = (data: Data): string => told(data, "finding") || told(data, "title");
const stage = (data: Data, name = "stage"): string => told(data, name).toUpperCase();

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
  "task.blocked": () => "left it waiting for other tasks",
  "task.merged": (data) => `merged it as ${told(data, "commit").slice(0, 10)}`,
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
  "gate.overridden": (data) => `let it pass the gate of ${stage(data)}: ${told(data, "note")}`,
  "approval.approved": () => "approved the merge",
  "approval.rejected": (data) => `rejected it${data.note ? `: ${told(data, "note")}` : ""}`,
  "approval.changes_asked": (data) => `asked for changes: ${told(data, "note")}`,
  "approval.void": () => "the change is another now, so the approval is void",
};

const SILENT = new Set(["task.running", "task.queued", "task.idle", "comment.added", "approval.asked"]);

/** An event in words, for the history of a task; null for what another line tells already. */
export function factWords(event: HubEvent): string | null {
  if (SILENT.has(event.kind) || isToldByHandoff(event)) return null;
  const words = FACTS[event.kind];
  return words ? words(event.data ?? {}) : event.kind.replaceAll(/[._]/g, " ");
}

const isToldByHandoff = ({ kind, actor, data }: HubEvent): boolean =>
  kind === "task.stage" && actor !== "person" && !data?.sent_back;

function stepWords(data: Data): string | null {
  const tests = data.tests as { passed?: number; failed?: number; errors?: number } | null;
  if (!tests) return null;
  const failed = (tests.failed ?? 0) + (tests.errors ?? 0);
  const where = told(data, "step").endsWith("-base") ? " at the merge base" : "";
  return failed
    ? `${failed} of ${failed + (tests.passed ?? 0)} tests fail${where}`
    : `${tests.passed} tests pass${where}`;
}

const seconds = (data: Data): string => (typeof data.seconds === "number" ? ` in ${duration(data.seconds)}` : "");
