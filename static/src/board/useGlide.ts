import { type RefObject, useLayoutEffect, useRef } from "react";
import { carriedNow } from "./carry";

const MS = 260;
const EASE = "cubic-bezier(0.2, 0.7, 0.2, 1)";

interface Spot {
  left: number;
  top: number;
}

/** Lets what carries `data-glide` glide from where it was to where it is now, across columns; new ones fade in. */
export function useGlide(area: RefObject<HTMLElement | null>, shown: unknown): void {
  const before = useRef<Map<string, Spot> | null>(null);
  useLayoutEffect(() => {
    if (area.current === null || shown === undefined) return;
    const items = [...area.current.querySelectorAll<HTMLElement>("[data-glide]")];
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const origin = area.current.getBoundingClientRect();
    const after = new Map<string, Spot>();
    for (const item of items) for (const running of item.getAnimations()) running.cancel();
    for (const item of items) {
      const { left, top } = item.getBoundingClientRect();
      const scrolled = item.closest("[data-scroller]")?.scrollTop ?? 0;
      const place = { left: left - origin.left, top: top - origin.top + scrolled };
      after.set(item.dataset.glide ?? "", place);
      if (before.current !== null && !still && carriedNow() === null)
        glide(item, before.current.get(item.dataset.glide ?? ""), place);
    }
    before.current = after;
  }, [area, shown]);
}

function glide(item: HTMLElement, from: Spot | undefined, to: Spot): void {
  if (from === undefined) {
    item.animate([{ opacity: 0, transform: "translateY(-6px)" }, {}], { duration: MS, easing: EASE });
    return;
  }
  const [x, y] = [from.left - to.left, from.top - to.top];
  if (Math.abs(x) < 1 && Math.abs(y) < 1) return;
  item.animate(
    [
      { transform: `translate(${x}px, ${y}px)`, zIndex: 2 },
      { transform: "none", zIndex: 2 },
    ],
    {
      duration: MS,
      easing: EASE,
    },
  );
}
