import type { Project, ProjectPatch } from "../api/types";

/** What a project's deploys are granted, in the form's own shape: lists are lines. */
export interface Grants {
  command: string;
  timeout: number | "";
  env: string;
  secrets: Secret[];
  network: string;
  paths: string;
  test_network: string;
  repeatable: boolean;
  on_failure: "dev" | "person";
}

export interface Secret {
  variable: string;
  /** `provider/label` of a stored credential. */
  name: string;
}

const TIMEOUT = 600;

export function grantsOf(settings: unknown): Grants {
  const table = tableIn(settings);
  const text = (name: string) => (typeof table[name] === "string" ? table[name] : "");
  const lines = (name: string) => (Array.isArray(table[name]) ? table[name].join("\n") : "");
  const pairs = (name: string) => Object.entries((table[name] ?? {}) as Record<string, string>);
  return {
    command: text("command"),
    timeout: typeof table.timeout_seconds === "number" ? table.timeout_seconds : TIMEOUT,
    env: pairs("env")
      .map(([name, value]) => `${name}=${value}`)
      .join("\n"),
    secrets: pairs("secrets").map(([variable, name]) => ({ variable, name })),
    network: lines("network"),
    paths: lines("paths"),
    test_network: lines("test_network"),
    repeatable: table.repeatable === true,
    on_failure: table.on_failure === "person" ? "person" : "dev",
  };
}

/** The whole table for a PATCH: what is as without it is taken away. Null where nothing is left. */
export function tableOf(grants: Grants): Record<string, unknown> | null {
  const { command, timeout, env, secrets, network, paths, test_network, repeatable, on_failure } = grants;
  const granted = secrets.filter(({ variable, name }) => variable.trim() || name);
  const table = {
    command: command.trim() || null,
    timeout_seconds: timeout === "" || timeout === TIMEOUT ? null : timeout,
    env: orNull(Object.fromEntries(linesOf(env).map(pairOf))),
    secrets: orNull(Object.fromEntries(granted.map(({ variable, name }) => [variable.trim(), name]))),
    network: orNull(linesOf(network)),
    paths: orNull(linesOf(paths)),
    test_network: orNull(linesOf(test_network)),
    repeatable: repeatable || null,
    on_failure: on_failure === "dev" ? null : on_failure,
  };
  return Object.values(table).every((value) => value === null) ? null : table;
}

export function patchOf({ version }: Project, grants: Grants): ProjectPatch {
  const settings: Record<string, unknown> = { deploy: tableOf(grants) };
  return { version, settings } as ProjectPatch; // what is left out stays as it is
}

/** What has to be said before it can be sent; the hub checks all the rest. */
export function lackIn({ env, secrets }: Grants): string | null {
  const bare = linesOf(env).find((line) => !line.includes("="));
  if (bare !== undefined) return `“${bare}” has no value: write NAME=value.`;
  const half = secrets.find(({ variable, name }) => Boolean(variable.trim()) !== Boolean(name));
  if (half) return half.name ? `Name the variable that holds ${half.name}.` : `Choose what ${half.variable} holds.`;
  return null;
}

function tableIn(settings: unknown): Record<string, unknown> {
  const { deploy } = (settings ?? {}) as { deploy?: unknown };
  return typeof deploy === "object" && deploy !== null ? (deploy as Record<string, unknown>) : {};
}

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

function pairOf(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at).trim(), line.slice(at + 1)];
}

const orNull = <T extends object>(value: T): T | null => (Object.keys(value).length === 0 ? null : value);
