const at = (name: string): string => `wfhub.${name}`;

/** What was begun under this name and not saved, as it was kept; null where nothing was. */
export function kept(name: string): unknown {
  const text = sessionStorage.getItem(at(name));
  return text === null ? null : JSON.parse(text);
}

/** It survives a reload, a look elsewhere and a session that ended. Null: nothing is begun any more. */
export function keep(name: string, begun: unknown): void {
  if (begun === null) sessionStorage.removeItem(at(name));
  else sessionStorage.setItem(at(name), JSON.stringify(begun));
}
