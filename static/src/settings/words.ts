import type { Provider, ProviderUse, Setting, SettingName } from "../api/types";
import type { Value } from "./queries";

export const SECTIONS = [
  { name: "models", words: "Models and keys" },
  { name: "budgets", words: "Budgets" },
  { name: "team", words: "The team" },
  { name: "workflows", words: "Workflows" },
  { name: "trackers", words: "Outside trackers" },
  { name: "notifications", words: "Notifications" },
  { name: "look", words: "Appearance" },
  { name: "access", words: "Sessions and token" },
  { name: "changes", words: "What was changed" },
] as const;
export type Section = (typeof SECTIONS)[number]["name"];

export const sectionOf = (name: string | null): Section =>
  SECTIONS.find((section) => section.name === name)?.name ?? "models";

interface Words {
  label: string;
  hint: string;
}

export const SETTINGS: Record<SettingName, Words> = {
  default_model: {
    label: "Default model",
    hint: "Asked where neither task, request, project nor role chose one.",
  },
  offline: {
    label: "Stay offline",
    hint: "No model and no address beyond your own machines is asked.",
  },
  daily_budget_usd: {
    label: "All models together, a day",
    hint: "US dollars, from midnight UTC. Empty: no limit. Local models cost nothing.",
  },
  run_budget_usd: {
    label: "One run",
    hint: "US dollars, where neither its project nor its task says otherwise. Empty: no limit.",
  },
  auto_trigger_agents: {
    label: "Stages begin by themselves",
    hint: "Off: each stage waits for your click. A plan that you trigger goes through all of them either way.",
  },
  include_images: {
    label: "Agents look at pictures",
    hint: "Those of a request or a task: shown to models that see, described to the others.",
  },
  vision_model: {
    label: "Who describes pictures",
    hint: "One of VISION_MODELS. Empty: the first of them.",
  },
};

export function valueWords(value: Value, name: SettingName): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (value === null) return name === "vision_model" ? "the first of VISION_MODELS" : "no limit";
  return name.endsWith("_usd") ? `$${value}` : String(value);
}

export function sourceWords({ source, variable, environment, name }: Setting): string {
  if (source === "database") return `set here; ${variable} says ${valueWords(environment, name)}`;
  return source === "environment" ? `from ${variable}` : `the default; ${variable} is not set`;
}

const KINDS = { hub: "", role: "role ", project: "project ", task: "task ", request: "" } as const;

export const usedByWords = (use: ProviderUse): string => `${KINDS[use.kind]}${use.name} (${use.models.join(", ")})`;

export function stateWords(provider: Provider): { words: string; tone: "ok" | "wait" | "accent" } {
  if (!provider.enabled) return { words: "needs a key", tone: "wait" };
  return provider.own ? { words: "on your own machines", tone: "ok" } : { words: "elsewhere", tone: "accent" };
}

export function keyWords(provider: Provider): string {
  if (provider.key_source === "stored") return "a key is kept, encrypted";
  if (provider.key_source === "environment") return "its key comes from the environment";
  return provider.kind === "ollama" || provider.kind === "scripted" ? "it takes no key" : "no key";
}

export function addressWords(provider: Provider): string {
  if (provider.source === "database") {
    const before = provider.environment_url;
    return before !== null && before !== provider.url ? `set here; the environment says ${before}` : "set here";
  }
  return provider.source === "environment" ? "from the environment" : "the default";
}
