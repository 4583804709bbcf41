import type { Board, Card, Column } from "../api/types";
import { homeOf, put } from "./pieces";

/** Where a card is put: a stage, and in its own column the neighbour above or below which it goes. */
export interface Move {
  card: Card;
  stage: string;
  before_id?: number;
  after_id?: number;
}

export interface Consequence {
  title: string;
  sentence: string;
  word: string;
}

/** What a move ends or undoes, for the person to say yes to; null where nothing is lost. */
export function consequenceOf(card: Card, to: Column, final: boolean): Consequence | null {
  if (card.stage === to.stage) return null;
  const title = `Move ${card.key} to ${to.title}?`;
  if (card.state === "running")
    return {
      title,
      sentence: "Its run ends now and counts as cancelled. What was committed stays on its branch.",
      word: "End the run and move it",
    };
  if (card.state === "done")
    return {
      title,
      sentence: "It is done. From there it begins anew, on a new branch; what was merged stays merged.",
      word: "Begin it anew",
    };
  if (card.state === "waiting" && card.waiting_reason === "approval")
    return { title, sentence: "You were asked for your approval there; that question is void then.", word: "Move it" };
  if (card.state === "waiting" && card.waiting_reason === "answer")
    return { title, sentence: "An agent waits for your answer there; its question is void then.", word: "Move it" };
  if (final) return { title, sentence: "It counts as done, though nobody has proven it.", word: "Call it done" };
  return null;
}

/** What the board says after a move that nobody had to be asked about. */
export function movedWords(card: Card, to: Column, first: boolean): string {
  if (card.stage === to.stage) return `${card.key} has its new place.`;
  return first ? `${card.key} rests in ${to.title}.` : `${card.key} is at ${to.title}; work there starts in its turn.`;
}

/**
 * The move that puts a card so many places further down its own column (up, below zero), within its priority: cards
 * stand by priority first. Null where there is no such place.
 */
export function shifted(card: Card, column: Column, places: number): Move | null {
  const peers = column.tasks.filter((each) => each.priority === card.priority && each.state !== "done");
  const at = peers.findIndex((each) => each.id === card.id);
  const to = Math.max(0, Math.min(peers.length - 1, at + places));
  const neighbour = peers[to];
  if (at < 0 || to === at || neighbour === undefined) return null;
  return { card, stage: card.stage, ...(to < at ? { before_id: neighbour.id } : { after_id: neighbour.id }) };
}

/** The board as it will be when the hub says yes; one that does not have the card stays as it is. */
export function foreseen(board: Board, move: Move): Board {
  const { card } = move;
  if (homeOf(board, card.id) === undefined) return board;
  const stays = card.stage === move.stage;
  const there = stays ? card : { ...card, stage: move.stage, activity: null, sent_back: null };
  return put(board, card.id, there, (others) => placeBeside(others, there, move));
}

function placeBeside(others: Card[], card: Card, { before_id, after_id }: Move): number {
  const neighbour = before_id ?? after_id;
  const at = neighbour === undefined ? -1 : others.findIndex((task) => task.id === neighbour);
  if (at < 0) return others.findLastIndex((task) => task.priority >= card.priority) + 1;
  return before_id === undefined ? at + 1 : at;
}
