import type { LineFault } from "./useChecked";

/** A workflow's stages and where tasks go from each: what is drawn, and what is read out. */
export interface Graph {
  stages: StageFacts[];
  ways: Way[];
}

export interface StageFacts {
  name: string;
  title: string;
  role: string | null;
  /** What is done there, in its order. */
  does: string[];
  wip: number;
}

export interface Way {
  from: number;
  to: number;
  kind: "next" | "fail" | "moved" | "by hand";
}

const UNBOUNDED = 1_000;

export function graphOf(definition: Record<string, unknown>): Graph {
  const stages = list(definition["stages"]);
  const names = stages.map((stage) => text(stage["name"]));
  const index = (name: unknown) => names.indexOf(text(name));
  const start = index(definition["start"]);
  const ways: Way[] = [];
  const add = (from: number, to: number, kind: Way["kind"]) => {
    if (to >= 0 && from !== to && !ways.some((way) => way.from === from && way.to === to))
      ways.push({ from, to, kind });
  };
  stages.forEach((stage, from) => {
    if (from === 0) add(0, start, "next");
    else if (from < stages.length - 1) add(from, from + 1, "next");
    if (stage["on_fail"] != null) add(from, index(stage["on_fail"]), "fail");
    if (stage["moved_target"] != null) add(from, index(stage["moved_target"]), "moved");
    for (const target of (stage["transitions"] ?? []) as unknown[]) add(from, index(target), "by hand");
  });
  return {
    stages: stages.map((stage) => ({
      name: text(stage["name"]),
      title: text(stage["title"]),
      role: stage["role"] == null ? null : text(stage["role"]),
      does: list(stage["steps"]).map((step) => text(step["executor"])),
      wip: Number(stage["wip"] ?? 0),
    })),
    ways,
  };
}

const KINDS: Record<Way["kind"], (to: string) => string> = {
  next: (to) => `then ${to}`,
  fail: (to) => `back to ${to} when it fails`,
  moved: (to) => `to ${to} when main moved`,
  "by hand": (to) => `to ${to} by hand`,
};

/** A stage in one sentence, for who does not see the drawing. */
export function stageWords({ stages, ways }: Graph, at: number): string {
  const stage = stages[at];
  if (stage === undefined) return "";
  const does = stage.does.length > 0 ? stage.does.join(", ") : "holds tasks";
  const goes = ways.filter(({ from }) => from === at).map(({ to, kind }) => KINDS[kind](stages[to]?.title ?? ""));
  const wip = stage.wip < UNBOUNDED ? `at most ${stage.wip} at once` : "";
  return [stage.role === null ? does : `${stage.role}: ${does}`, wip, ...goes].filter((part) => part !== "").join("; ");
}

/** The line, from 1, on which the text begins to speak of a stage; null where it is written in another way. */
export function lineOfStage(source: string, name: string): number | null {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = new RegExp(`^\\s*-\\s*(\\{\\s*)?name:\\s*["']?${escaped}["']?\\s*([,}#]|$)`);
  const at = source.split("\n").findIndex((line) => found.test(line));
  return at < 0 ? null : at + 1;
}

/** Where a fault stands, in characters of the text; at its end where the text became shorter meanwhile. */
export function rangeOf(source: string, { line, column }: Pick<LineFault, "line" | "column">): [number, number] {
  const lines = source.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const whole = lines[line - 1] ?? "";
  const from = Math.min(before + Math.min(column - 1, whole.length), source.length);
  return [from, Math.max(from, Math.min(before + whole.length, source.length))];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown) => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);
