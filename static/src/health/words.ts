import type { FullHealth, HealthPart } from "../api/types";

const NAMES: Record<HealthPart["kind"], (name: string) => string> = {
  database: () => "Database",
  engine: () => "Orchestrator",
  agent: (name) => (name === "agent-api" ? "Agents" : `Agent ${name}`),
  model: (name) => `Models of ${name}`,
  answers: () => "Stored answers",
  disk: (name) => (name === "home" ? "Disk of the hub" : "Disk of the workspaces"),
  notices: () => "Notifications",
  containers: () => "Containers",
};

export const partName = (part: HealthPart): string => NAMES[part.kind](part.name);

/** What the dot says to those who do not see it, and in words beside it when something is wrong. */
export function healthWords(health: FullHealth): string {
  const count = (status: HealthPart["status"]) => health.parts.filter((part) => part.status === status).length;
  if (health.status === "unwell") return `${count("unwell")} not well`;
  if (health.status === "unknown") return `${count("unknown")} unknown`;
  return "All is well";
}

/** What wants to be seen first; within that the hub's own order. */
export function worstFirst(parts: readonly HealthPart[]): HealthPart[] {
  const order: HealthPart["status"][] = ["unwell", "unknown", "well", "off"];
  return [...parts].sort((one, other) => order.indexOf(one.status) - order.indexOf(other.status));
}
