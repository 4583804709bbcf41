import type { ChatMessage } from "../api/types";

/** An exchange: what a person said, and its answer where it has one. */
export interface Exchange {
  said: ChatMessage;
  answer: ChatMessage | null;
}

/** The pages of a thread, newest first, as exchanges, oldest first. An answer whose question is on a page that is not
 * read yet waits for it. */
export function exchanges(newestFirst: readonly ChatMessage[]): Exchange[] {
  const answers = new Map<number, ChatMessage>();
  for (const message of newestFirst) if (message.reply_to_id !== null) answers.set(message.reply_to_id, message);
  return newestFirst
    .filter(({ kind }) => kind !== "answer")
    .map((said) => ({ said, answer: answers.get(said.id) ?? null }))
    .reverse();
}

/** Who gave an answer, and what it cost; empty for a command. */
export function sourceWords({ told_by, model, cost, tokens_in, tokens_out }: ChatMessage): string {
  if (told_by === "record") return "from the record, by no model";
  if (told_by !== "model") return "";
  const scripted = model?.startsWith("scripted/") ? ", which plays a script" : "";
  const tokens = tokens_in + tokens_out;
  const spent = tokens === 0 ? "" : ` · ${tokens.toLocaleString("en").replaceAll(",", " ")} tokens`;
  const money = cost > 0 ? ` · ${dollars(cost)}` : tokens > 0 ? " · free" : "";
  return `by ${model ?? "a model"}${scripted}${spent}${money}`;
}

const dollars = (cost: number): string => (cost < 0.01 ? "under $0.01" : `$${cost.toFixed(2)}`);

/** Words on the button that sends, by what they are. */
export const SENDS = { command: "carries it out", question: "asks the hub", request: "gives it to the PM" } as const;

export const INVITES = {
  project: "Ask for work, ask about it, or type / for commands",
  task: (key: string) => `Ask about ${key}: why, how long, what it cost. Type / for commands`,
};

/** What one may begin with in an empty thread. */
export const STARTERS = {
  project: ["What waits for me?", "What failed last?", "What did this cost?", "/status"],
  task: ["Why did it fail?", "What was proven?", "What did this cost?", "/show"],
};
