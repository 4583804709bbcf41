import type { Card, Column } from "../api/types";
import type { Move } from "./move";

const cardsIn = (column: Element): HTMLElement[] => [...column.querySelectorAll<HTMLElement>("[data-task-id]")];

/** Arrow keys step from card to card. False where the key steps nowhere. */
export function stepFocus(key: string, card: Card): boolean {
  const here = document.querySelector<HTMLElement>(`[data-task-id="${card.id}"]`);
  const column = here?.closest("[data-stage]");
  if (!here || !column) return false;
  if (key === "ArrowUp" || key === "ArrowDown") {
    const all = cardsIn(column);
    all[all.indexOf(here) + (key === "ArrowUp" ? -1 : 1)]?.focus();
    return true;
  }
  if (key !== "ArrowLeft" && key !== "ArrowRight") return false;
  let next: Element | null = column;
  do next = key === "ArrowLeft" ? next.previousElementSibling : next.nextElementSibling;
  while (next !== null && cardsIn(next).length === 0);
  if (next !== null) nearest(cardsIn(next), here.getBoundingClientRect().top)?.focus();
  return true;
}

/** After a move the card stands elsewhere as another element: the focus goes along. */
export function putBackFocus(key: string): void {
  if (document.activeElement?.closest("[data-task]")?.getAttribute("data-task") !== key) return;
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-task="${CSS.escape(key)}"]`)?.focus());
}

/** The move to where a pointer let go of a card within its own column; null where it would stand as before. */
export function neighbourOf(card: Card, column: Column, y: number): Move | null {
  const stage = document.querySelector(`[data-task-id="${card.id}"]`)?.closest("[data-stage]");
  const others = stage ? cardsIn(stage).filter((each) => each.dataset.taskId !== String(card.id)) : [];
  const target = nearest(others, y);
  const peer = column.tasks.find((each) => String(each.id) === target?.dataset.taskId);
  if (!target || peer?.priority !== card.priority) return null;
  const { top, height } = target.getBoundingClientRect();
  const move = { card, stage: card.stage };
  return y < top + height / 2 ? { ...move, before_id: peer.id } : { ...move, after_id: peer.id };
}

function nearest(all: HTMLElement[], y: number): HTMLElement | undefined {
  const distance = (one: HTMLElement) => {
    const { top, bottom } = one.getBoundingClientRect();
    return Math.max(top - y, y - bottom, 0);
  };
  return all.reduce<HTMLElement | undefined>(
    (best, one) => (best === undefined || distance(one) < distance(best) ? one : best),
    undefined,
  );
}
