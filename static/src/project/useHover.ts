import { type FocusEvent, type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";

const PATIENCE_MS = 350;
const GAP = 8;

export interface Hovered {
  id: number;
  at: { left: number; top: number };
}

/** Which of the elements with `data-hover` below an element a mouse rests on, or the keyboard's focus is at. */
export function useHover() {
  const [hovered, setHovered] = useState<Hovered | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const leave = () => {
    clearTimeout(timer.current);
    setHovered(null);
  };
  const over = (target: EventTarget, wait: number) => {
    const element = target instanceof Element ? target.closest<HTMLElement>("[data-hover]") : null;
    if (!element) {
      leave();
      return;
    }
    const id = Number(element.dataset.hover);
    if (id === hovered?.id) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const { right, top } = element.getBoundingClientRect();
      setHovered({ id, at: { left: right + GAP, top } });
    }, wait);
  };
  const props = {
    onPointerOver: (event: PointerEvent) => event.pointerType === "mouse" && over(event.target, PATIENCE_MS),
    onPointerLeave: leave,
    onClick: leave,
    onFocus: (event: FocusEvent) => event.target.matches(":focus-visible") && over(event.target, PATIENCE_MS),
    onBlur: leave,
    onKeyDown: (event: KeyboardEvent) => event.key === "Escape" && leave(),
  };
  return { hovered, props };
}
