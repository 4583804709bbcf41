export interface Point {
  x: number;
  y: number;
}

export interface Area extends Point {
  width: number;
  height: number;
}

interface Size {
  width: number;
  height: number;
}

const LEAST = 4;

/** The rectangle between two points, within its frame. */
export function between(from: Point, to: Point, frame: Size): Area {
  const held = (value: number, most: number) => Math.min(Math.max(value, 0), most);
  const [left, right] = [from.x, to.x].map((x) => held(x, frame.width)).sort((a, b) => a - b) as [number, number];
  const [top, bottom] = [from.y, to.y].map((y) => held(y, frame.height)).sort((a, b) => a - b) as [number, number];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** A touch that hardly moved means nothing. */
export const isMeant = ({ width, height }: Area): boolean => width >= LEAST && height >= LEAST;

/** From what is shown to the picture's own pixels; whole ones, so that no edge shines through. */
export function scaled(area: Area, shown: Size, real: Size): Area {
  const [across, down] = [real.width / shown.width, real.height / shown.height];
  const [left, top] = [Math.floor(area.x * across), Math.floor(area.y * down)];
  return {
    x: left,
    y: top,
    width: Math.min(Math.ceil((area.x + area.width) * across), real.width) - left,
    height: Math.min(Math.ceil((area.y + area.height) * down), real.height) - top,
  };
}

const STEP = 8;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The rectangle after an arrow key: moved, or with `sizes` made larger and smaller at its lower right corner. The first
 * one stands in the middle. Null: the key means nothing here. */
export function keyed(area: Area | null, key: string, sizes: boolean, frame: Size): Area | null {
  const arrow = ARROWS[key];
  if (arrow === undefined) return null;
  if (area === null)
    return { x: frame.width / 3, y: frame.height / 3, width: frame.width / 3, height: frame.height / 3 };
  const [across, down] = [arrow[0] * STEP, arrow[1] * STEP];
  const held = (value: number, least: number, most: number) => Math.max(least, Math.min(value, most));
  if (sizes)
    return {
      ...area,
      width: held(area.width + across, LEAST, frame.width - area.x),
      height: held(area.height + down, LEAST, frame.height - area.y),
    };
  return {
    ...area,
    x: held(area.x + across, 0, frame.width - area.width),
    y: held(area.y + down, 0, frame.height - area.height),
  };
}

/** Where it lies, for who can't see it: shares of the picture. */
export function areaWords(area: Area, frame: Size): string {
  const share = (part: number, whole: number) => `${Math.round((100 * part) / whole)} %`;
  const right = share(area.x + area.width, frame.width);
  const bottom = share(area.y + area.height, frame.height);
  return `From ${share(area.x, frame.width)} to ${right} across, from ${share(area.y, frame.height)} to ${bottom} down.`;
}
