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
