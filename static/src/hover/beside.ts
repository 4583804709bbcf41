interface Size {
  width: number;
  height: number;
}

const GAP = 8;
const EDGE = 8;

/** Where a box of a size stands so that it covers nothing of what it is about: to the right, the left, below, above. */
export function beside(by: DOMRectReadOnly, box: Size, view: Size): { left: number; top: number } {
  const within = (at: number, length: number, all: number) => Math.max(EDGE, Math.min(at, all - length - EDGE));
  const right = by.right + GAP;
  const left = by.left - GAP - box.width;
  if (right + box.width + EDGE <= view.width) return { left: right, top: within(by.top, box.height, view.height) };
  if (left >= EDGE) return { left, top: within(by.top, box.height, view.height) };
  const below = by.bottom + GAP;
  const top = below + box.height + EDGE <= view.height ? below : Math.max(EDGE, by.top - GAP - box.height);
  return { left: within(by.left, box.width, view.width), top };
}
