import type { Workflow } from "../api/types";

/** What saving means for what is in flight. `own`: it is one project's alone. */
export function inFlightWords(workflow: Workflow | null, own: boolean): string {
  if (workflow === null) return "Nothing goes through it until a project is given it.";
  const tasks = workflow.open_tasks;
  const flight =
    tasks === 0
      ? "No open task goes through it."
      : `${tasks === 1 ? "1 open task goes" : `${tasks} open tasks go`} through it and ${tasks === 1 ? "keeps" : "keep"} the version begun with.`;
  return own ? `${flight} New tasks of its project go through the new version.` : flight;
}
