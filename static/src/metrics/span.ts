/** What the address says of a span: so many days up to today, or two days with two points between. */
export const PRESETS = [
  { value: "1", label: "Today" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
] as const;
export const USUAL = "30";
const DATES = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/;

export interface SpanQuery {
  zone: string;
  days?: number;
  from?: string;
  to?: string;
}

export const isSpan = (text: string | null): text is string =>
  text !== null && (PRESETS.some(({ value }) => value === text) || DATES.test(text));

export function spanQuery(span: string | null, zone: string): SpanQuery {
  const dates = DATES.exec(span ?? "");
  if (dates?.[1] !== undefined && dates[2] !== undefined) return { zone, from: dates[1], to: dates[2] };
  return { zone, days: Number(span ?? USUAL) };
}

export const datesOf = (span: string | null): [string, string] | null => {
  const found = DATES.exec(span ?? "");
  return found?.[1] !== undefined && found[2] !== undefined ? [found[1], found[2]] : null;
};
