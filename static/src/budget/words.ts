import type { UsedUp } from "../api/types";

/** `$0.05`, and no more digits behind the point than it takes, up to four. */
export function dollars(usd: number): string {
  const [whole, part = ""] = usd.toFixed(4).split(".");
  return `$${whole}.${part.replace(/0+$/, "").padEnd(2, "0")}`;
}

/** What the field begins with: room for all that waits and for as much again, rounded up to what can be typed. */
export function suggested({ enough_usd, limit_usd }: Pick<UsedUp, "enough_usd" | "limit_usd">): number {
  const wanted = Math.max(enough_usd, limit_usd * 2);
  const parts = wanted >= 1 ? 100 : 10_000;
  return Math.ceil(wanted * parts - 1e-6) / parts;
}

/** How the budget stands, in one line. */
export function standing({ limit_usd, spent_usd, held_usd }: UsedUp): string {
  const held = held_usd > 0 ? ` and ${dollars(held_usd)} held for calls under way` : "";
  return `${dollars(spent_usd)} of ${dollars(limit_usd)} spent${held}`;
}

/** Whom the raised budget lets go on. */
export function lets({ waits }: UsedUp): string {
  const tasks = waits.filter((one) => one.task_id !== null).length;
  const requests = waits.length - tasks;
  const told = [count(tasks, "task"), count(requests, "request")].filter(Boolean).join(" and ");
  return `${told} ${waits.length === 1 ? "goes" : "go"} on where ${waits.length === 1 ? "it" : "they"} stopped.`;
}

/** Why the amount is not enough, or empty. */
export function tooLittle(amount: number | null, { limit_usd, enough_usd, waits }: UsedUp): string {
  if (amount === null) return "Say how much it may cost.";
  if (amount <= limit_usd) return `It is ${dollars(limit_usd)} already: say more than that.`;
  if (amount >= enough_usd) return "";
  const whom = waits.length === 1 ? "the next call does not fit" : "not all of them go on";
  return `With less than ${dollars(enough_usd)} ${whom}.`;
}

const count = (many: number, noun: string) => (many === 0 ? "" : `${many} ${noun}${many === 1 ? "" : "s"}`);
