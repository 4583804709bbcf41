import type { Decided, DecisionWord, InboxItem } from "../api/types";
import { shortWait } from "../task/words";

type Kinded = Pick<InboxItem, "kind" | "reason" | "question">;

export function reasonWords({ kind, reason, question }: Kinded): string {
  if (question) return `${question.role?.toUpperCase() ?? "an agent"} asks you`;
  if (kind === "plan") return "a plan waits for you";
  if (kind === "push") return "a push was refused";
  if (kind === "deploy") return reason === "interrupted" ? "a deploy was cut off" : "a deploy failed";
  return kind === "request" ? "no plan came of it" : shortWait(reason);
}

export const isTrouble = ({ kind }: Kinded): boolean => kind === "request" || kind === "push" || kind === "deploy";

interface Ways {
  words: string;
  key: string;
  /** What becomes of it, asked before it is done; with words of the person's own where `note` says so. */
  means: string;
  note: "needed" | "free" | "none";
  tone: "do" | "plain" | "stop";
}

const WAYS: Partial<Record<DecisionWord, Ways>> = {
  approve: { words: "Approve", key: "a", means: "What you see here is approved.", note: "free", tone: "do" },
  request_changes: {
    words: "Ask for changes",
    key: "c",
    means: "What should be different? The team gets these words.",
    note: "needed",
    tone: "plain",
  },
  reject: {
    words: "Reject",
    key: "r",
    means: "Why not? It goes no further; what was done stays.",
    note: "free",
    tone: "stop",
  },
  run: { words: "Try again", key: "a", means: "It is run again from where it stands.", note: "none", tone: "do" },
  cancel: {
    words: "Cancel the task",
    key: "r",
    means: "Nobody works on it any more; its branch and its history stay.",
    note: "free",
    tone: "stop",
  },
  retry: { words: "Plan it again", key: "a", means: "The PM tries again.", note: "none", tone: "do" },
  again: { words: "Deploy again", key: "a", means: "The deploy command is run once more.", note: "none", tone: "do" },
  send_back: {
    words: "Send it back",
    key: "c",
    means: "DEV gets the log of the deploy, and your words.",
    note: "free",
    tone: "plain",
  },
  accept: { words: "Take it as it is", key: "r", means: "It counts as deployed.", note: "free", tone: "stop" },
  close: { words: "Drop the request", key: "r", means: "Nobody plans it any more.", note: "none", tone: "stop" },
};

export const wayOf = (decision: string): Ways | undefined => WAYS[decision as DecisionWord];

/** The decisions that all of these take in the same way, so that one word can settle them. */
export function shared(items: readonly InboxItem[]): DecisionWord[] {
  const [first, ...others] = items;
  if (first === undefined) return [];
  const common = first.may.filter((decision) => others.every(({ may }) => may.includes(decision)));
  return (common as DecisionWord[]).filter((decision) => wayOf(decision) !== undefined);
}

export function behindWords({ behind }: Pick<InboxItem, "behind">): string {
  return behind.all === 0 ? "" : `${behind.all} wait${behind.all === 1 ? "s" : ""} behind it`;
}

/** Of several results: how many were done, and in the hub's own sentence why the others were not. */
export function resultWords(results: readonly Decided[]): { title: string; refused: string[] } {
  const refused = results.filter(({ done }) => !done);
  const done = results.length - refused.length;
  const title = refused.length === 0 ? `${done} decided.` : `${done} decided, ${refused.length} not.`;
  return {
    title,
    refused: refused.map(({ item, problem }) => `${item}: ${sentenceOf(problem)}`),
  };
}

/** The hub's own sentence of a refusal. */
export function sentenceOf(problem: Decided["problem"]): string {
  const detail = problem?.detail;
  return typeof detail === "string" ? detail : "The hub refused it.";
}

/** Where the marker goes when what it stood on is gone: to what comes next, else to the last. */
export function nextAfter(before: readonly string[], now: readonly string[], marked: string | null): string | null {
  if (marked === null || now.includes(marked)) return marked ?? now[0] ?? null;
  const place = before.indexOf(marked);
  return before.slice(place + 1).find((key) => now.includes(key)) ?? now.at(-1) ?? null;
}
