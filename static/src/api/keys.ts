export const keys = {
  session: ["session"] as const,
  health: ["health"] as const,
  summary: ["summary"] as const,
  pauses: ["pauses"] as const,
  projects: ["projects"] as const,
  /** Of a project or all, and what of it is asked for. */
  board: (project: number | null, asked: object) => ["board", project, asked] as const,
  archived: ["projects", "archived"] as const,
  removal: (id: number) => ["projects", "removal", id] as const,
  gitState: (id: number) => ["projects", "git", id] as const,
  clones: ["clones"] as const,
  budgets: ["budgets"] as const,
  boards: ["board"] as const,
  lanes: (project: number | null, asked: object) => ["lanes", project, asked] as const,
  allLanes: ["lanes"] as const,
  chat: ["chat"] as const,
  threads: (project: number | null) => ["chat", "threads", project] as const,
  messages: (project: number, task: number | null) => ["chat", "messages", project, task] as const,
  chatCommands: ["commands of the chat"] as const,
  inbox: (project: number | null) => ["inbox", project] as const,
  inboxes: ["inbox"] as const,
  history: ["history"] as const,
  logs: ["logs"] as const,
  metric: (figure: string, query: object) => ["metrics", figure, query] as const,
  notices: ["notices"] as const,
  requests: ["requests"] as const,
  plans: ["plans"] as const,
  plansOf: (project: number | null) => ["plans", "of", project] as const,
  plan: (id: number) => ["plans", "one", id] as const,
  planDiff: (id: number) => ["plans", "diff", id] as const,
  progress: (id: number) => ["plans", "progress", id] as const,
  settings: ["settings"] as const,
  settingVersions: ["settings", "versions"] as const,
  providers: ["providers"] as const,
  sessions: ["sessions"] as const,
  workflows: ["workflows"] as const,
  workflow: (name: string) => ["workflows", "one", name] as const,
  workflowDiff: (name: string, from: number, to: number) => ["workflows", "diff", name, from, to] as const,
  roles: ["roles"] as const,
  role: (name: string) => ["roles", "one", name] as const,
  roleVersions: (name: string) => ["roles", "versions", name] as const,
  roleDiff: (name: string, from: number, to: number) => ["roles", "diff", name, from, to] as const,
  principles: ["principles"] as const,
  models: ["models"] as const,
  agents: ["agents"] as const,
  modelsThere: ["models-there"] as const,
  modelJobs: ["model-jobs"] as const,
  roleModels: ["role-models"] as const,
  modelCalls: ["model-calls"] as const,
  runs: ["runs"] as const,
  bugs: ["bugs"] as const,
  installed: ["models", "installed"] as const,
  limits: ["limits"] as const,
  request: (id: number) => ["requests", "one", id] as const,
  allQuestions: ["questions"] as const,
  questions: (of: "task" | "plan", id: number) => ["questions", of, id] as const,
  credentials: ["credentials"] as const,
  allDeploys: ["deploys"] as const,
  deploys: (project: number) => ["deploys", "of", project] as const,
  deploy: (id: number) => ["deploys", "one", id] as const,
  allPushes: ["pushes"] as const,
  pushes: (project: number) => ["pushes", project] as const,
  /** The tasks beside one: its parts, and what comes before and after it. */
  around: ["around"] as const,
  /** Outside trackers: what the hub knows of them. */
  trackers: ["trackers"] as const,
  /** What only they know. */
  outside: ["outside"] as const,
  tasks: ["task"] as const,
  task: (id: number) => ["task", id] as const,
  taskPart: (id: number, part: TaskPart) => ["task", id, part] as const,
};

export type TaskPart =
  | "approval"
  | "comments"
  | "context"
  | "criteria"
  | "dependencies"
  | "diff"
  | "events"
  | "evidence"
  | "files"
  | "findings"
  | "foreseen"
  | "gate"
  | "handoffs"
  | "listener"
  | "prompt"
  | "proofs"
  | "row"
  | "report"
  | "review"
  | "runs"
  | "waits"
  | "waysBack";
