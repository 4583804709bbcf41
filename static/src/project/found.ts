import type { Project } from "../api/types";

export type Settings = Project["settings"];

/** What is known of a workspace's files, as a person reads and corrects it. */
export interface Found {
  language: string;
  managers: string[];
  entries: string[];
  test: string;
  e2e: string;
  lint: string;
  setup: string;
}

export const COMMANDS = ["test", "e2e", "lint"] as const;

/** What discovery told; the owner's own words win, unless `bare`. */
export function foundOf(settings: Settings, bare = false): Found {
  const discovered = table(settings.discovered);
  const facts = bare ? {} : table(settings.facts);
  const commands = table(settings.commands);
  return {
    language: text(facts.language ?? discovered.language),
    managers: texts(facts.package_managers ?? discovered.package_managers),
    entries: texts(facts.entry_points ?? discovered.entry_points),
    test: text(commands.test),
    e2e: text(commands.e2e),
    lint: text(commands.lint),
    setup: text(settings.setup),
  };
}

/** The settings that make of what is there what the person says; null where that is the same. */
export function corrections(settings: Settings, said: Found): Settings | null {
  const was = foundOf(settings);
  const bare = foundOf(settings, true);
  const commands: Record<string, string> = {};
  for (const name of COMMANDS) if (said[name].trim() !== was[name]) commands[name] = said[name].trim();
  const facts: Record<string, unknown> = {};
  if (said.language.trim() !== was.language)
    facts.language = said.language.trim() === bare.language ? null : said.language.trim();
  if (!same(said.managers, was.managers))
    facts.package_managers = same(said.managers, bare.managers) ? null : said.managers;
  if (!same(said.entries, was.entries)) facts.entry_points = same(said.entries, bare.entries) ? null : said.entries;
  const changed: Record<string, unknown> = {};
  if (Object.keys(commands).length > 0) changed.commands = commands;
  if (Object.keys(facts).length > 0) changed.facts = facts;
  if (said.setup.trim() !== was.setup) changed.setup = said.setup.trim() || null;
  return Object.keys(changed).length > 0 ? changed : null;
}

/** The languages with their files, the most first: "python 12, html 3". */
export function languagesWords(settings: Settings): string {
  const counted = Object.entries(table(table(settings.discovered).languages));
  return counted.map(([name, count]) => `${name} ${text(count)}`).join(", ");
}

export const notesOf = (settings: Settings): string[] => texts(table(settings.discovered).notes);

export const frameworksOf = (settings: Settings): string[] => texts(table(settings.discovered).frameworks);

export const fileCount = (settings: Settings): number => Number(table(settings.discovered).files ?? 0);

/** A project's name and folder out of a git address or a path: what comes after the last slash. */
export function nameIn(address: string): string {
  const last = address.trim().replace(/\/+$/, "").split(/[/:]/).at(-1) ?? "";
  return last.replace(/\.git$/, "");
}

/** The name of a folder for a project's name: "Till register" lies in till-register. */
export function folderFor(name: string): string {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  return plain
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

const table = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text).filter(Boolean) : []);

const same = (one: string[], other: string[]): boolean => one.join("\0") === other.join("\0");
