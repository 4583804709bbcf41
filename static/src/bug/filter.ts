export const BUG_STATES = ["open", "accepted", "fixed", "closed"] as const;
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;

export interface BugFilter {
  state: (typeof BUG_STATES)[number] | null;
  severity: (typeof SEVERITIES)[number] | null;
  text: string | null;
}

export const readBugFilter = (asked: Readonly<Record<string, string>>): BugFilter => ({
  state: BUG_STATES.find((one) => one === asked.state) ?? null,
  severity: SEVERITIES.find((one) => one === asked.severity) ?? null,
  text: asked.text?.trim() || null,
});
