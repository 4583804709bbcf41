import { ALL, type Filter, readFilter, writeFilter } from "../board/filter";
import { isSpan } from "../metrics/span";

export const VIEWS = [
  "board",
  "chat",
  "inbox",
  "plans",
  "history",
  "metrics",
  "logs",
  "roles",
  "principles",
  "settings",
  "agents",
  "models",
  "runs",
  "bugs",
  "projects",
  "import",
  "start",
] as const;
export const TABS = ["overview", "changes", "runs", "evidence", "talk", "history"] as const;
/** As links of earlier versions name them. */
const FORMER_TABS = new Map<string, Tab>([
  ["criteria", "overview"],
  ["output", "runs"],
  ["proofs", "evidence"],
  ["context", "runs"],
]);

export const MODEL_PARTS = ["there", "roles", "traffic"] as const;
/** What a list is asked for, by its view; each stands in the address under its own name. */
const ASKED: Partial<Record<View, readonly string[]>> = {
  runs: ["stage", "role", "model", "state", "agent", "started", "text", "since", "until"],
  models: ["model", "role", "outcome", "by", "run_id"],
  bugs: ["state", "severity", "text"],
  import: ["step"],
};

export type ModelPart = (typeof MODEL_PARTS)[number];
export type View = (typeof VIEWS)[number];
export type Tab = (typeof TABS)[number];

/** Where the person is: all of it stands in the page's query, so a link leads back. */
export interface Place {
  project: number | null;
  view: View;
  /** The task whose chat is read; null: the project's own. */
  thread: number | null;
  plan: number | null;
  role: string | null;
  /** Which log is read; null for the first. */
  log: string | null;
  /** What of the settings is looked at, and which workflow. */
  section: string | null;
  workflow: string | null;
  /** What of the inbox is looked at, by its name. */
  item: string | null;
  task: number | null;
  /** Null: the one that matters as the task stands. */
  tab: Tab | null;
  run: string | null;
  /** A file of the change, and a line of it as it is after the change. */
  file: string | null;
  line: number | null;
  proof: number | null;
  /** The task over the whole width: for reading a change. */
  wide: boolean;
  /** The days that metrics are of; null: the usual ones. */
  span: string | null;
  filter: Filter;
  /** What of the models. */
  part: ModelPart;
  /** A call of a model, a bug: by its number. */
  call: number | null;
  bug: number | null;
  asked: Readonly<Record<string, string>>;
}

export const HOME: Place = {
  project: null,
  view: "board",
  thread: null,
  plan: null,
  role: null,
  log: null,
  section: null,
  workflow: null,
  item: null,
  task: null,
  tab: null,
  run: null,
  file: null,
  line: null,
  proof: null,
  wide: false,
  span: null,
  filter: ALL,
  part: "there",
  call: null,
  bug: null,
  asked: {},
};

const WITHIN_VIEW = { part: "there", call: null, bug: null, asked: {} } as const;
const WITHIN_TAB = { run: null, file: null, line: null, proof: null } as const;

/** Another task opens where it matters, another tab at its beginning, unless the change says more. `wide`: how wide the
 * person had the last task. */
export function placeAfter(before: Place, change: Partial<Place>, wide = false): Place {
  const here = change.view === undefined || change.view === before.view ? before : { ...before, ...WITHIN_VIEW };
  if (change.task !== undefined && change.task !== here.task) {
    const asBefore = change.task !== null && (here.task === null ? wide : here.wide);
    return { ...here, ...WITHIN_TAB, tab: null, wide: asBefore, ...change };
  }
  if (change.tab !== undefined && change.tab !== here.tab) return { ...here, ...WITHIN_TAB, ...change };
  return { ...here, ...change };
}

export function readPlace(search: string): Place {
  const query = new URLSearchParams(search);
  const view = oneOf(VIEWS, query.get("view"), HOME.view);
  return {
    project: id(query.get("project")),
    view,
    thread: id(query.get("thread")),
    plan: id(query.get("plan")),
    role: query.get("role"),
    log: query.get("log"),
    section: query.get("section"),
    workflow: query.get("workflow"),
    item: query.get("item"),
    task: id(query.get("task")),
    tab: tabOf(query.get("tab")),
    run: query.get("run"),
    file: query.get("file"),
    line: id(query.get("line")),
    proof: id(query.get("proof")),
    wide: query.has("wide"),
    span: spanOf(query.get("span")),
    filter: readFilter(query),
    part: oneOf(MODEL_PARTS, query.get("part"), HOME.part),
    call: id(query.get("call")),
    bug: id(query.get("bug")),
    asked: readAsked(view, query),
  };
}

/** The query of a place; what is as at home is left out. Empty, or with its leading question mark. */
export function writePlace(place: Place): string {
  const query = new URLSearchParams();
  if (place.project !== null) query.set("project", String(place.project));
  if (place.view !== HOME.view) query.set("view", place.view);
  if (place.thread !== null && place.view === "chat") query.set("thread", String(place.thread));
  if (place.plan !== null && place.view === "plans") query.set("plan", String(place.plan));
  if (place.role !== null && place.view === "roles") query.set("role", place.role);
  if (place.log !== null && place.view === "logs") query.set("log", place.log);
  if (place.section !== null && place.view === "settings") query.set("section", place.section);
  if (place.workflow !== null && place.view === "settings") query.set("workflow", place.workflow);
  if (place.item !== null && place.view === "inbox") query.set("item", place.item);
  if (place.task !== null) {
    query.set("task", String(place.task));
    if (place.tab !== null) query.set("tab", place.tab);
    if (place.run !== null && place.tab === "runs") query.set("run", place.run);
    if (place.file !== null && place.tab === "changes") query.set("file", place.file);
    if (place.line !== null && place.file !== null && place.tab === "changes") query.set("line", String(place.line));
    if (place.proof !== null && place.tab === "evidence") query.set("proof", String(place.proof));
    if (place.wide) query.set("wide", "");
  }
  if (place.span !== null && place.view === "metrics") query.set("span", place.span);
  if (place.view === "board") writeFilter(query, place.filter);
  if (place.view === "models" && place.part !== HOME.part) query.set("part", place.part);
  if (place.view === "models" && place.call !== null) query.set("call", String(place.call));
  if (place.view === "bugs" && place.bug !== null) query.set("bug", String(place.bug));
  for (const name of ASKED[place.view] ?? []) if (place.asked[name]) query.set(name, place.asked[name]);
  const text = query.toString();
  return text ? `?${text}` : "";
}

function readAsked(view: View, query: URLSearchParams): Record<string, string> {
  const found = (ASKED[view] ?? []).map((name) => [name, query.get(name) ?? ""] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== "" && value.length <= LONGEST_ASKED));
}

const LONGEST_ASKED = 200;
const spanOf = (text: string | null): string | null => (isSpan(text) ? text : null);

const tabOf = (text: string | null): Tab | null =>
  TABS.find((tab) => tab === text) ?? FORMER_TABS.get(text ?? "") ?? null;

function id(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

function oneOf<T extends string>(values: readonly T[], text: string | null, otherwise: T): T {
  return values.find((value) => value === text) ?? otherwise;
}
