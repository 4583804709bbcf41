import { useEffect, useState } from "react";

export interface Hovered {
  id: number;
  /** Where in the window the element stands. */
  by: DOMRect;
}

/** What a pointed-at element, or one around it, is about; null where it is nothing of the kind. */
export type Find = (target: Element) => { element: Element; id: number } | null;

interface How {
  /** How long the mouse rests there first. */
  patienceMs: number;
  /** Whether the keyboard's focus counts, too. */
  focus: boolean;
}

/**
 * What a mouse rests on. It has to move there: what slides below a mouse that lies still is not meant. A click, a key or
 * a scroll ends it until the mouse was elsewhere. `find` must stay the same function.
 */
export function useHover(find: Find, { patienceMs, focus }: How): Hovered | null {
  const [hovered, setHovered] = useState<Hovered | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let on: Element | null = null;
    const leave = () => {
      clearTimeout(timer);
      setHovered(null);
    };
    const rest = (target: EventTarget | null) => {
      const found = target instanceof Element ? find(target) : null;
      if ((found?.element ?? null) === on) return;
      on = found?.element ?? null;
      leave();
      if (!found) return;
      const { element, id } = found;
      timer = setTimeout(
        () => element.isConnected && setHovered({ id, by: element.getBoundingClientRect() }),
        patienceMs,
      );
    };
    const move = (event: PointerEvent) => {
      if (event.pointerType === "mouse") rest(event.buttons === 0 ? event.target : null);
    };
    const focused = (event: FocusEvent) =>
      focus && rest((event.target as Element).matches(":focus-visible") ? event.target : null);
    const away = () => rest(null);
    const until = new AbortController();
    const options = { passive: true, signal: until.signal };
    document.addEventListener("pointermove", move, options);
    document.documentElement.addEventListener("pointerleave", away, options);
    document.addEventListener("focusin", focused, options);
    document.addEventListener("focusout", away, options);
    for (const kind of ["pointerdown", "keydown", "scroll"]) {
      document.addEventListener(kind, leave, { ...options, capture: true });
    }
    return () => {
      clearTimeout(timer);
      until.abort();
    };
  }, [find, patienceMs, focus]);
  return hovered;
}
