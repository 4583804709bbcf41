import type { Card, Column, Plan } from "../api/types";
import { type Filter, isNarrowed, isWanted } from "./filter";

export interface Lane {
  /** "plan 3", "none", or "all" where the board is not divided. */
  id: string;
  title: string;
  count: number;
  /** The cards of each stage, by its name. */
  cards: Map<string, Card[]>;
}

/** The cards that are wanted, lane by lane: plans with the newest first, then what belongs to none. */
export function lanesOf(columns: Column[], plans: Plan[], filter: Filter): Lane[] {
  const narrowed = isNarrowed(filter);
  const lanes = new Map<string, Lane>();
  if (!filter.lanes) lanes.set("all", { id: "all", title: "", count: 0, cards: new Map() });
  for (const column of columns)
    for (const card of column.tasks) {
      if (narrowed && !isWanted(card, filter)) continue;
      const id = !filter.lanes ? "all" : card.plan_id === null ? "none" : `plan ${card.plan_id}`;
      let lane = lanes.get(id);
      if (lane === undefined) {
        lane = { id, title: titleOf(card.plan_id, plans), count: 0, cards: new Map() };
        lanes.set(id, lane);
      }
      lane.count += 1;
      const standing = lane.cards.get(column.stage);
      if (standing) standing.push(card);
      else lane.cards.set(column.stage, [card]);
    }
  return [...lanes.values()].sort((one, other) => rank(other.id) - rank(one.id));
}

const rank = (id: string): number => (id.startsWith("plan ") ? Number(id.slice(5)) : 0);

function titleOf(plan: number | null, plans: Plan[]): string {
  if (plan === null) return "No plan";
  return plans.find((each) => each.id === plan)?.summary ?? `Plan ${plan}`;
}
