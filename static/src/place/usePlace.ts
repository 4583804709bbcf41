import { type MouseEvent, useMemo, useSyncExternalStore } from "react";
import { type Place, placeAfter, readPlace, writePlace } from "./place";

const MOVED = "wfhub:moved";
const WIDE = "wfhub.task.wide";

/** Whether the person had the last task over the whole width: kept in the browser, as no link can know it. */
const wasWide = (): boolean => localStorage.getItem(WIDE) !== null;

function keepWidth(wide: boolean): void {
  if (wide) localStorage.setItem(WIDE, "");
  else localStorage.removeItem(WIDE);
}

function listen(told: () => void): () => void {
  window.addEventListener("popstate", told);
  window.addEventListener(MOVED, told);
  return () => {
    window.removeEventListener("popstate", told);
    window.removeEventListener(MOVED, told);
  };
}

export function usePlace(): Place {
  const search = useSyncExternalStore(listen, () => window.location.search);
  return useMemo(() => readPlace(search), [search]);
}

/** Goes elsewhere, keeping what is not named. `replace` leaves no step behind for the Back button. */
export function go(change: Partial<Place>, how: "push" | "replace" = "push"): void {
  if (change.wide !== undefined) keepWidth(change.wide);
  const after = placeAfter(readPlace(window.location.search), change, wasWide());
  const target = window.location.pathname + writePlace(after);
  if (target === window.location.pathname + window.location.search) return;
  if (how === "push") window.history.pushState(null, "", target);
  else window.history.replaceState(null, "", target);
  window.dispatchEvent(new Event(MOVED));
}

/** What a real link to a place needs: the address, and a click that does not load the page anew. */
export function linkTo(here: Place, change: Partial<Place>) {
  return {
    href: window.location.pathname + writePlace(placeAfter(here, change, wasWide())),
    onClick: (event: MouseEvent) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      go(change);
    },
  };
}
