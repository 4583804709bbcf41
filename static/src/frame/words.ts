/** `still`: everything is paused. */
export function workingWords(count: number, still = false): string {
  if (count === 0) return "Nobody is working";
  if (still) return count === 1 ? "1 agent stands still" : `${count} agents stand still`;
  return count === 1 ? "1 agent working" : `${count} agents working`;
}

export function waitingWords(count: number): string {
  if (count === 0) return "Nothing waits for you";
  return count === 1 ? "1 waits for you" : `${count} wait for you`;
}

/** Dollars as people write them; a small sum keeps two digits that say something. */
export function costWords(usd: string | number): string {
  const sum = Number(usd);
  if (!Number.isFinite(sum) || sum <= 0) return "$0.00";
  return sum < 0.01 ? `$${sum.toPrecision(2)}` : `$${sum.toFixed(2)}`;
}
