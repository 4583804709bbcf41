export const VIEWS = ["board", "inbox", "plans", "roles", "principles"] as const;
export const TABS = ["changes", "criteria", "runs", "output", "proofs", "talk", "context", "history"] as const;

export type View = (typeof VIEWS)[number];
export type Tab = (typeof TABS)[number];

/** Where the person is: all of it stands in the page's query, so a link leads back. */
export interface Place {
  project: number | null;
  view: View;
  plan: number | null;
  role: string | null;
  task: number | null;
  tab: Tab;
  run: string | null;
}

export const HOME: Place = {
  project: null,
  view: "board",
  plan: null,
  role: null,
  task: null,
  tab: "changes",
  run: null,
};

export function readPlace(search: string): Place {
  const query = new URLSearchParams(search);
  return {
    project: id(query.get("project")),
    view: oneOf(VIEWS, query.get("view"), HOME.view),
    plan: id(query.get("plan")),
    role: query.get("role"),
    task: id(query.get("task")),
    tab: oneOf(TABS, query.get("tab"), HOME.tab),
    run: query.get("run"),
  };
}

/** The query of a place; what is as at home is left out. Empty, or with its leading question mark. */
export function writePlace(place: Place): string {
  const query = new URLSearchParams();
  if (place.project !== null) query.set("project", String(place.project));
  if (place.view !== HOME.view) query.set("view", place.view);
  if (place.plan !== null && place.view === "plans") query.set("plan", String(place.plan));
  if (place.role !== null && place.view === "roles") query.set("role", place.role);
  if (place.task !== null) {
    query.set("task", String(place.task));
    if (place.tab !== HOME.tab) query.set("tab", place.tab);
    if (place.run !== null && place.tab === "output") query.set("run", place.run);
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}

function id(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

function oneOf<T extends string>(values: readonly T[], text: string | null, otherwise: T): T {
  return values.find((value) => value === text) ?? otherwise;
}
