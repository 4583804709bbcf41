/** In the address: a workflow that is not kept yet. No name can be that. */
export const NEW = "+";

export const SMALLEST = `name: mine
title: My workflow
start: dev
stages:
  - { name: backlog, title: Backlog }
  - name: dev
    title: DEV
    role: dev
    steps: [{ executor: aider }]
    gate: { changes_required: true }
  - { name: done, title: Done }
`;

/** A text that was begun. `base` is the version it was written from, 0 for none. */
export interface Draft {
  base: number;
  source: string;
}

const kept = (name: string): string => `wfhub.workflow.${name}`;

export function draftKept(name: string): Draft | null {
  const text = sessionStorage.getItem(kept(name));
  return text === null ? null : (JSON.parse(text) as Draft);
}

/** It survives a reload and a look elsewhere. */
export function keepDraft(name: string, draft: Draft | null): void {
  if (draft === null) sessionStorage.removeItem(kept(name));
  else sessionStorage.setItem(kept(name), JSON.stringify(draft));
}
