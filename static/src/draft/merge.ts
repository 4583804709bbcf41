export const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What stands `now`, with what the person changed since they began from `base`: only that wins, inside of objects too. */
export function withMine<T>(base: T, mine: T, now: T): T {
  if (same(base, mine)) return now;
  if (!isRecord(base) || !isRecord(mine) || !isRecord(now)) return mine;
  const names = new Set([...Object.keys(now), ...Object.keys(mine)]);
  return Object.fromEntries([...names].map((name) => [name, withMine(base[name], mine[name], now[name])])) as T;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
