import { type RefObject, type UIEvent, useEffect, useRef, useState } from "react";

const NEAR_PX = 24;
const toEnd = (area: HTMLElement): number => area.scrollHeight - area.scrollTop - area.clientHeight;

/** Keeps a box at its end while it grows, until the person scrolls up; at the end it goes on by itself. */
export function useFollow(box: RefObject<HTMLElement | null>, inner: RefObject<HTMLElement | null>, from: boolean) {
  const [following, setFollowing] = useState(from);
  const [atEnd, setAtEnd] = useState(true);
  const keeps = useRef(from);
  const top = useRef(0);
  const set = (now: boolean) => {
    keeps.current = now;
    setFollowing(now);
  };
  useEffect(() => {
    const area = inner.current;
    if (area === null) return;
    const watch = new ResizeObserver(() => {
      if (keeps.current) box.current?.scrollTo({ top: box.current.scrollHeight });
      if (box.current) setAtEnd(toEnd(box.current) < NEAR_PX);
    });
    watch.observe(area);
    return () => watch.disconnect();
  }, [box, inner]);
  return {
    following,
    atEnd,
    onScroll: ({ currentTarget: area }: UIEvent<HTMLElement>) => {
      const near = toEnd(area) < NEAR_PX;
      setAtEnd(near);
      if (near) {
        if (!keeps.current && from) set(true);
      } else if (area.scrollTop < top.current - 1 && keeps.current) set(false);
      top.current = area.scrollTop;
    },
    toEnd: () => {
      if (from) set(true);
      box.current?.scrollTo({ top: box.current.scrollHeight });
    },
    letGo: () => set(false),
  };
}
