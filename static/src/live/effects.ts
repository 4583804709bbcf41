import type { HubEvent } from "../api/types";
import { keys, type TaskPart } from "../api/keys";

export type Key = readonly unknown[];

const PARTS: Record<string, readonly TaskPart[]> = {
  attachment: ["files"],
  approval: ["row", "approval", "evidence", "events"],
  comment: ["comments"],
  criterion: ["criteria", "evidence"],
  finding: ["findings", "evidence", "events"],
  proof: ["proofs", "evidence", "report"],
  gate: ["gate", "findings", "events", "row"],
  run: ["row", "context", "report", "runs", "proofs", "evidence", "gate", "criteria", "comments", "diff", "events"],
  task: ["row", "context", "approval", "handoffs", "dependencies", "events", "evidence", "gate"],
};

/** What an event makes stale. An event of a kind this page has never heard of costs a look at the board. */
export function staleAfter(event: HubEvent): Key[] {
  const [noun = "", verb = ""] = event.kind.split(".");
  if (noun === "hub" || event.kind === "run.activity") return [];
  const stale: Key[] = [];
  if (noun === "question") stale.push(keys.allQuestions, keys.inboxes, keys.summary, keys.plans, keys.requests);
  if (noun === "role") stale.push(keys.roles);
  if (noun === "principles") stale.push(keys.principles);
  if (noun === "project") stale.push(keys.projects, keys.summary, keys.boards);
  if (noun === "request" || noun === "plan") stale.push(keys.requests, keys.plans, keys.inboxes, keys.summary);
  if (noun === "plan" && verb === "approved") stale.push(keys.boards);
  if (event.task_id != null) {
    stale.push(keys.boards);
    for (const part of PARTS[noun] ?? PARTS.task ?? []) stale.push(keys.taskPart(event.task_id, part));
    if (event.kind === "task.merged") stale.push(keys.taskPart(event.task_id, "diff"));
  }
  if (noun === "task" || noun === "approval") stale.push(keys.inboxes, keys.summary, keys.plans);
  if (noun === "budget") stale.push(keys.boards, keys.inboxes, keys.summary);
  if (noun === "run") stale.push(keys.summary);
  if (noun === "run" && event.task_id == null) stale.push(keys.requests);
  if (stale.length === 0) stale.push(keys.boards, keys.summary, keys.inboxes);
  return stale;
}

/** The keys of a burst, each once. */
export function together(keysOfAll: Key[]): Key[] {
  return [...new Map(keysOfAll.map((key) => [JSON.stringify(key), key])).values()];
}
