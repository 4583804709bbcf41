import { told } from "../api/told";
import type { Board, Card, HubEvent } from "../api/types";
import { homeOf, inOrder, put } from "./pieces";

const STATES = new Set(["idle", "blocked", "queued", "running", "waiting", "paused", "done", "cancelled"]);

/** The board after an event, so that a card moves at once; the next read of the board brings all the rest. */
export function moved(board: Board, event: HubEvent): Board {
  if (event.seq <= board.seq || event.task_id == null) return board;
  const [noun, verb = ""] = event.kind.split(".");
  if (noun !== "task") return board;
  const card = homeOf(board, event.task_id)?.tasks.find((task) => task.id === event.task_id);
  if (card === undefined) return board;
  if (verb === "stage") {
    const sent_back = event.data?.sent_back ? { stage: told(event.data, "old"), sentence: "" } : null;
    return placed(board, {
      ...card,
      stage: told(event.data, "new") || card.stage,
      sent_back,
      activity: null,
      current_run_id: null,
    });
  }
  if (verb === "cancelled") return placed(board, null, card.id);
  if (!STATES.has(verb)) return board;
  const waits = verb === "waiting";
  return placed(board, {
    ...card,
    state: verb,
    updated_at: event.at,
    waiting_reason: waits ? told(event.data, "reason") : null,
    waiting_sentence: told(event.data, "sentence"),
    waiting_since: waits ? event.at : null,
    running_since: verb === "running" ? event.at : null,
    held: false,
    activity: null,
    current_run_id: verb === "running" ? (event.run_id ?? null) : null,
  });
}

function placed(board: Board, card: Card | null, id = card?.id ?? 0): Board {
  return put(board, id, card, (others) => {
    const at = others.findIndex((other) => card !== null && inOrder(card, other) < 0);
    return at < 0 ? others.length : at;
  });
}
