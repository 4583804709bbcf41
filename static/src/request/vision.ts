const KEPT = "wfhub.vision";

/** The model that the person chose to describe pictures with, where it may still be shown some. */
export function visionKept(allowed: readonly string[]): string | null {
  const kept = localStorage.getItem(KEPT);
  return kept !== null && allowed.includes(kept) ? kept : null;
}

/** For the next requests, too; null: whoever stands first in the owner's list. */
export function keepVision(model: string | null): void {
  if (model === null) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, model);
}

export const hasPicture = (files: readonly Pick<File, "type">[]): boolean =>
  files.some(({ type }) => type.startsWith("image/"));
