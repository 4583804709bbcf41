const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Seconds in words as short as a card needs them: 8 s, 1 min 12 s, 6 min, 3 h 20 min, 2 days. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < 10 * MINUTE) return two(Math.floor(whole / MINUTE), "min", whole % MINUTE, "s");
  if (whole < HOUR) return `${Math.round(whole / MINUTE)} min`;
  if (whole < DAY) return two(Math.floor(whole / HOUR), "h", Math.floor((whole % HOUR) / MINUTE), "min");
  const days = Math.floor(whole / DAY);
  return days === 1 ? "1 day" : `${days} days`;
}

export function secondsBetween(from: string, to: string | number): number {
  return ((typeof to === "number" ? to : Date.parse(to)) - Date.parse(from)) / 1000;
}

/** How long ago, in words; what is about now is "just now", also where two clocks differ a little. */
export function ago(at: string, now: number): string {
  const seconds = secondsBetween(at, now);
  return seconds < 45
    ? "just now"
    : `${duration(seconds < HOUR ? Math.round(seconds / MINUTE) * MINUTE : seconds)} ago`;
}

/** How long something waits: minutes are exact enough. */
export function waits(since: string, now: number): string {
  const seconds = secondsBetween(since, now);
  return seconds < MINUTE ? "" : duration(seconds < HOUR ? Math.floor(seconds / MINUTE) * MINUTE : seconds);
}

function two(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}

const WHEN: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };
let format = new Intl.DateTimeFormat(undefined, WHEN);

/** Whose way of writing dates is used: a language such as `de`, or the browser's own. */
export function writeDatesIn(language: string): void {
  format = new Intl.DateTimeFormat(language || undefined, WHEN);
}

export const clock = (at: string): string => format.format(new Date(at));
