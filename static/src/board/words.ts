import type { Card, Column } from "../api/types";
import type { Tone } from "../tag/Tag";

const NO_LIMIT = 1000;

/** All that stands there, whatever is filtered. */
export const allOf = (column: Column): number => Object.values(column.by_state).reduce((sum, count) => sum + count, 0);

/** "2 / 5", or only the count where the stage has no limit that matters; in a lane the lane's own. */
export function countWords(column: Column, final: boolean, lane = false): string {
  if (lane) return String(column.total);
  const count = final ? allOf(column) : column.count;
  return column.wip === null || column.wip >= NO_LIMIT ? String(count) : `${count} / ${column.wip}`;
}

export function noteWords(column: Column): string {
  if (column.waiting > 0) return "needs you";
  if (column.wip === null || column.wip >= NO_LIMIT) return "";
  if (column.over) return "over its limit";
  return column.count === column.wip ? "full" : "";
}

export interface Badge {
  words: string;
  tone: Tone;
  title?: string;
}

/** What a card tells besides its state, the most telling first; a card has room for a few. */
export function badgesOf(card: Card): Badge[] {
  const badges: Badge[] = [];
  if (card.state === "done") {
    if (card.merged_sha) badges.push({ words: `merged ${card.merged_sha.slice(0, 7)}`, tone: "ok" });
    return badges;
  }
  if (card.orphan)
    badges.push({
      words: "in nobody's hands",
      tone: "bad",
      title: "No run, queue or person has it. The orchestrator repairs that within seconds.",
    });
  if (card.sent_back)
    badges.push({
      words: `${card.sent_back.stage.toUpperCase()} sent it back`,
      tone: "bad",
      title: card.sent_back.sentence,
    });
  if (card.tests) {
    const { passed, failed } = card.tests;
    if (failed > 0) badges.push({ words: `${failed} of ${passed + failed} tests fail`, tone: "bad" });
    else if (!card.sent_back) badges.push({ words: `${passed} tests`, tone: "ok" });
  }
  if (card.scan && !card.sent_back) {
    const count = card.scan.new_findings;
    badges.push(count === 0 ? { words: "SEC clean", tone: "ok" } : { words: `${count} new findings`, tone: "bad" });
  }
  if (!card.sent_back && card.criteria_met < card.criteria_total && (card.criteria_met > 0 || badges.length === 0))
    badges.push({
      words: `${card.criteria_met} of ${card.criteria_total} criteria`,
      tone: card.criteria_met > 0 ? "ok" : "plain",
    });
  return badges;
}

/** The quiet words at the end of a card's last line. */
export function asideOf(card: Card): string {
  if (card.state === "blocked" && card.blocked_by_keys.length > 0) return `after ${card.blocked_by_keys.join(", ")}`;
  if (card.round > 1 && card.state !== "done") return `round ${card.round} of ${card.round_max}`;
  if (card.state !== "done" && card.diff_stat) return `+${card.diff_stat.added} −${card.diff_stat.removed}`;
  return "";
}
