import { keep, kept } from "../draft/kept";

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

const edit = (name: string): string => `workflow.${name}`;

export const draftKept = (name: string): Draft | null => kept(edit(name)) as Draft | null;

export const keepDraft = (name: string, draft: Draft | null): void => keep(edit(name), draft);

/** What is left when `sent` is saved as `version`: what was written while it was on its way. */
export const leftOf = (draft: Draft | null, sent: string, version: number): Draft | null =>
  draft === null || draft.source === sent ? null : { base: version, source: draft.source };
