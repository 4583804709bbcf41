import { same, withMine } from "./merge";

/** What a person began to write over what stood then. */
export interface Begun<T> {
  base: T;
  values: T;
}

/** How a form stands over what the hub has now. */
export interface Standing<T> {
  values: T;
  changed: boolean;
  /** What is edited was changed by somebody else meanwhile: the person chooses before anything is saved. */
  overtaken: boolean;
}

export function standing<T>(begun: Begun<T> | null, now: T): Standing<T> {
  if (begun === null) return { values: now, changed: false, overtaken: false };
  const changed = !same(begun.values, now);
  return { values: begun.values, changed, overtaken: changed && !same(begun.base, now) };
}

/** The person goes on with theirs: only what they changed wins. */
export const onWith = <T>({ base, values }: Begun<T>, now: T): Begun<T> => ({
  base: now,
  values: withMine(base, values, now),
});

/** What is left when `sent` is saved: what was written while it was on its way. */
export const left = <T>(begun: Begun<T> | null, sent: Begun<T>): Begun<T> | null =>
  begun === null || same(begun.values, sent.values) ? null : { base: sent.values, values: begun.values };
