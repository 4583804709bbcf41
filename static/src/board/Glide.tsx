import { Component, type ReactNode, type RefObject } from "react";
import type { Board } from "../api/types";
import { carriedNow } from "./carry";

const TIMING: KeyframeAnimationOptions = { duration: 260, easing: "cubic-bezier(0.2, 0.7, 0.2, 1)" };

/** The animation of a card whose copy flies. */
const FLIES = "flies";

type Spots = Map<string, DOMRect>;

interface Props {
  area: RefObject<HTMLElement | null>;
  board: Board;
  children: ReactNode;
}

/**
 * Lets what carries `data-glide` glide from where it was seen to where it is now, across columns; new ones fade in.
 * A class, because only a class may look at the page right before it changes: cards of long columns come and go as
 * one scrolls, so what was seen after the last change says nothing.
 */
export class Glide extends Component<Props> {
  override getSnapshotBeforeUpdate(before: Props): Spots | null {
    const moves = before.board !== this.props.board && carriedNow() === null;
    return moves && !window.matchMedia("(prefers-reduced-motion: reduce)").matches ? this.spots() : null;
  }

  override componentDidUpdate(before: Props, _state: object, seen: Spots | null): void {
    if (seen === null) return;
    for (const item of this.items()) {
      for (const running of item.getAnimations()) if (running.id !== FLIES) running.cancel();
      const from = seen.get(nameOf(item));
      if (from !== undefined) glide(item, from);
      else if (!stoodThere(before.board, item))
        item.animate([{ opacity: 0, transform: "translateY(-6px)" }, {}], TIMING);
    }
  }

  override render(): ReactNode {
    return this.props.children;
  }

  private items(): HTMLElement[] {
    return [...(this.props.area.current?.querySelectorAll<HTMLElement>("[data-glide]") ?? [])];
  }

  private spots(): Spots {
    return new Map(this.items().map((item) => [nameOf(item), item.getBoundingClientRect()]));
  }
}

const nameOf = (item: HTMLElement): string => item.dataset.glide ?? "";

/** It was in this column before and not drawn, or further down than was read. */
function stoodThere({ columns }: Board, item: HTMLElement): boolean {
  const stage = item.closest<HTMLElement>("[data-stage]")?.dataset.stage;
  const column = columns.find((each) => each.stage === stage);
  if (column === undefined) return false;
  const beyond = column.next !== null && Number(item.dataset.index) >= column.tasks.length;
  return beyond || column.tasks.some(({ id }) => String(id) === nameOf(item));
}

function glide(item: HTMLElement, from: DOMRect): void {
  const to = item.getBoundingClientRect();
  const [x, y] = [from.left - to.left, from.top - to.top];
  if (Math.abs(x) < 1 && Math.abs(y) < 1) return;
  if (Math.abs(x) >= 1) fly(item, from, to);
  else
    item.animate(
      [
        { transform: `translateY(${y}px)`, zIndex: 2 },
        { transform: "none", zIndex: 2 },
      ],
      TIMING,
    );
}

/** From one column to another a copy flies over all: a column cuts off what is outside of it. */
function fly(item: HTMLElement, from: DOMRect, to: DOMRect): void {
  const copy = item.firstElementChild?.cloneNode(true);
  if (!(copy instanceof HTMLElement)) return;
  for (const part of copy.querySelectorAll("[data-task]")) part.removeAttribute("data-task");
  copy.inert = true;
  copy.setAttribute("aria-hidden", "true");
  const place = { left: `${to.left}px`, top: `${to.top}px`, width: `${to.width}px` };
  Object.assign(copy.style, { position: "fixed", zIndex: "30", pointerEvents: "none", ...place });
  document.body.append(copy);
  const [x, y] = [from.left - to.left, from.top - to.top];
  item.animate([{ opacity: 0 }, { opacity: 0 }], { ...TIMING, id: FLIES });
  copy.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], TIMING).onfinish = () =>
    copy.remove();
}
