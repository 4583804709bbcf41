import { type MouseEvent, useMemo, useSyncExternalStore } from "react";
import { type Place, placeAfter, readPlace, writePlace } from "./place";

const MOVED = "wfhub:moved";

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
  const target = window.location.pathname + writePlace(placeAfter(readPlace(window.location.search), change));
  if (target === window.location.pathname + window.location.search) return;
  if (how === "push") window.history.pushState(null, "", target);
  else window.history.replaceState(null, "", target);
  window.dispatchEvent(new Event(MOVED));
}

/** What a real link to a place needs: the address, and a click that does not load the page anew. */
export function linkTo(here: Place, change: Partial<Place>) {
  return {
    href: window.location.pathname + writePlace(placeAfter(here, change)),
    onClick: (event: MouseEvent) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      go(change);
    },
  };
}
