import type { Pauses } from "../api/types";

interface Standing {
  state: string;
  paused_at: string | null;
  current_run_id: string | null;
}

/** What the task's button says; null where there is nothing to pause. */
export function taskVerb(task: Standing): "pause" | "resume" | null {
  if (task.paused_at !== null || (task.state === "paused" && task.current_run_id !== null)) return "resume";
  return ["done", "cancelled", "paused", "idle"].includes(task.state) ? null : "pause";
}

const HELD: Record<string, string> = {
  stopped: "stopped",
  ending_turn: "ends its turn",
  between_steps: "stands still",
  going_on: "goes on",
};

export const heldWords = (held: string | null): string | null => (held === null ? null : (HELD[held] ?? held));

/** The banner's sentence for what is shown: everything, or the project; null where neither is paused. */
export function bannerWords(pauses: Pauses, projectId: number | null): string | null {
  const runs = pauses.runs.filter((run) => projectId === null || run.project_id === projectId).length;
  const agents = runs === 0 ? "No agent is at work" : runs === 1 ? "1 run stands still" : `${runs} runs stand still`;
  if (pauses.everything) return `Everything is paused. ${agents}, and none begins.`;
  const projects = pauses.pauses.filter((one) => one.scope === "project");
  if (projectId !== null)
    return projects.some((one) => one.project_id === projectId)
      ? `This project is paused. ${agents}, and none begins.`
      : null;
  if (projects.length === 0) return null;
  const names = projects.map((one) => one.title).join(", ");
  return `${names} ${projects.length === 1 ? "is" : "are"} paused: none of its runs begins.`;
}
