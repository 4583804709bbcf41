import type { HubEvent } from "../api/types";
import { keys, type TaskPart } from "../api/keys";

export type Key = readonly unknown[];

const PARTS: Record<string, readonly TaskPart[]> = {
  attachment: ["files"],
  approval: ["row", "approval", "review", "evidence", "events"],
  comment: ["comments", "listener"],
  feedback: ["comments", "listener", "events"],
  criterion: ["criteria", "evidence"],
  finding: ["findings", "review", "evidence", "events"],
  proof: ["proofs", "evidence", "report"],
  gate: ["gate", "findings", "events", "row"],
  pause: ["row", "runs", "events"],
  review: ["review", "findings", "events", "comments"],
  run: [
    "row",
    "context",
    "report",
    "runs",
    "proofs",
    "evidence",
    "gate",
    "criteria",
    "comments",
    "diff",
    "review",
    "events",
    "waysBack",
    "listener",
  ],
  task: [
    "row",
    "waits",
    "review",
    "context",
    "approval",
    "handoffs",
    "dependencies",
    "events",
    "evidence",
    "gate",
    "waysBack",
    "listener",
  ],
};

const SEEN_BESIDE = new Set(["created", "edited", "stage", "waiting", "done", "cancelled", "deleted"]);

const PAUSING = new Set(["held", "goes_on", "cancelled"]);

/** What an event makes stale. An event of a kind this page has never heard of costs a look at the board. */
export function staleAfter(event: HubEvent): Key[] {
  const [noun = "", verb = ""] = event.kind.split(".");
  if (noun === "hub" || event.kind === "run.activity") return [];
  if (noun === "chat") return [keys.chat];
  const stale: Key[] = [];
  if (event.kind === "request.created") stale.push(keys.chat);
  if (noun === "question") stale.push(keys.allQuestions, keys.inboxes, keys.summary, keys.plans, keys.requests);
  if (noun === "pause") stale.push(keys.pauses, keys.projects, keys.summary);
  if (noun === "run" && PAUSING.has(verb)) stale.push(keys.pauses);
  if (noun === "settings") stale.push(keys.settings, keys.summary);
  if (noun === "provider") stale.push(keys.providers, keys.health);
  if (noun === "workflow") stale.push(keys.workflows);
  if (noun === "notices") stale.push(keys.notices);
  if (noun === "role") stale.push(keys.roles, keys.roleModels);
  if (noun === "principles") stale.push(keys.principles);
  if (noun === "project")
    stale.push(keys.projects, keys.summary, keys.boards, keys.allLanes, keys.inboxes, keys.pauses);
  if (noun === "credential") stale.push(keys.credentials, keys.trackers);
  if (noun === "tracker" && verb !== "imported") stale.push(keys.trackers);
  if (noun === "clone") stale.push(keys.clones);
  if (noun === "request" || noun === "plan") stale.push(keys.requests, keys.plans, keys.inboxes, keys.summary);
  if (noun === "plan" && verb === "approved") stale.push(keys.boards, keys.allLanes);
  if (event.task_id != null) {
    for (const part of PARTS[noun] ?? PARTS.task ?? []) stale.push(keys.taskPart(event.task_id, part));
    if (event.kind === "task.merged") stale.push(keys.taskPart(event.task_id, "diff"));
  }
  if (noun === "task" && SEEN_BESIDE.has(verb)) stale.push(keys.around);
  if (noun === "task" || noun === "approval") stale.push(keys.inboxes, keys.summary, keys.plans);
  if (noun === "deploy") stale.push(keys.inboxes, keys.summary, keys.allDeploys);
  if (noun === "push") stale.push(keys.inboxes, keys.summary, keys.allPushes);
  if (noun === "budget") stale.push(keys.boards, keys.inboxes, keys.summary);
  if (noun === "run") stale.push(keys.summary, keys.runs, keys.agents);
  if (noun === "model_job" || noun === "model") stale.push(keys.modelJobs, keys.modelsThere, keys.installed);
  if (noun === "model_profile") stale.push(keys.models, keys.modelsThere);
  if (noun === "bug") stale.push(keys.bugs);
  if (noun === "run" && event.task_id == null) stale.push(keys.requests);
  if (stale.length === 0) stale.push(keys.boards, keys.summary, keys.inboxes);
  return stale;
}

/** The task whose card an event may have changed. */
export function changedCard(event: HubEvent): number[] {
  return event.task_id == null || event.kind === "run.activity" ? [] : [event.task_id];
}

/** The keys of a burst, each once. */
export function together(keysOfAll: Key[]): Key[] {
  return [...new Map(keysOfAll.map((key) => [JSON.stringify(key), key])).values()];
}
