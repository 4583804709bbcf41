import { Loader } from "@mantine/core";
import { type ComponentType, useEffect, useState, useSyncExternalStore } from "react";
import { Board } from "../board/Board";
import { useCommand, useKeyboard } from "../command/useCommand";
import { PALETTE_KEYS } from "../command/words";
import { PausedBanner } from "../control/PausedBanner";
import { whenIdle } from "../part/late";
import { part } from "../part/part";
import { rings } from "../notify/wanted";
import { go, usePlace } from "../place/usePlace";
import { usePlaysScript, useSummary } from "../project/queries";
import { ScriptedBanner } from "../start/ScriptedBanner";
import { ConnectionNote } from "./ConnectionNote";
import styles from "./Frame.module.css";
import { SideNav } from "./SideNav";
import { TopBar } from "./TopBar";

const loading = <Loader className={styles.loading} size="sm" aria-label="Loading" />;
const Inbox = part(async () => ({ default: (await import("../inbox/Inbox")).Inbox }), loading);
const Chat = part(async () => ({ default: (await import("../chat/Chat")).Chat }), loading);
const History = part(() => import("../history/History"), loading);
const Logs = part(() => import("../log/Logs"), loading);
const Metrics = part(() => import("../metrics/Metrics"), loading);
const Ring = part(() => import("../notify/Ring"));
const Plans = part(() => import("../plan/Plans"), loading);
const Settings = part(() => import("../settings/Settings"), loading);
const Agents = part(() => import("../agent/Agents"), loading);
const Models = part(() => import("../model/Models"), loading);
const Runs = part(() => import("../run/Runs"), loading);
const Bugs = part(() => import("../bug/Bugs"), loading);
const Projects = part(() => import("../project/Projects"), loading);
const Wizard = part(() => import("../tracker/Wizard"), loading);
const FirstRun = part(() => import("../start/FirstRun"), loading);
const TaskPanel = part(
  async () => ({ default: (await import("../task/TaskPanel")).TaskPanel }),
  <aside className={styles.panel}>{loading}</aside>,
);
const ReportBug = part(async () => ({ default: (await import("../bug/ReportBug")).ReportBug }));
const NewTask = part(() => import("../task/NewTask"));
const NewProject = part(async () => ({ default: (await import("../project/NewProject")).NewProject }));
const Palette = part(() => import("../command/Palette"));
const Keys = part(() => import("../command/Keys"));

type Dialog = "project" | "task" | "bug" | "palette" | "keys";

const ROOT = { task: null, plan: null, role: null, thread: null, section: null, workflow: null };
const SETTINGS = new Set<string>(["settings", "roles", "principles"]);

export function Frame() {
  const place = usePlace();
  const waiting = useSummary().data?.waiting ?? 0;
  const scripted = usePlaysScript();
  const [opened, setOpened] = useState<Dialog | null>(null);
  const close = (dialog: Dialog) => () => setOpened((now) => (now === dialog ? null : now));
  const wanted = useSyncExternalStore(rings.listen, rings.wanted);
  const newProject = () => setOpened("project");
  const newTask = () => setOpened("task");
  const reportBug = () => setOpened("bug");
  useKeyboard();
  useCommand({ words: "Search or command", group: "Hub", keys: PALETTE_KEYS, run: () => setOpened("palette") });
  useCommand({ words: "Show the keys", group: "Hub", keys: "?", run: () => setOpened("keys") });
  useCommand({ words: "Report a bug", group: "Hub", run: reportBug });
  useCommand({ words: "Set up models", group: "Hub", run: () => go({ ...ROOT, view: "start" }) });
  useCommand({ words: "New task", group: "Hub", keys: "t", run: newTask });
  useCommand({ words: "Import tasks", group: "Hub", run: () => go({ ...ROOT, view: "import" }) });
  useCommand({ words: "New project", group: "Hub", run: newProject });
  useCommand({ words: "Board", group: "Go to", keys: "g b", run: () => go({ ...ROOT, view: "board" }) });
  useCommand({ words: "Chat", group: "Go to", keys: "g c", run: () => go({ ...ROOT, view: "chat" }) });
  useCommand({ words: "Inbox", group: "Go to", keys: "g i", run: () => go({ ...ROOT, view: "inbox" }) });
  useCommand({ words: "Plans", group: "Go to", keys: "g p", run: () => go({ ...ROOT, view: "plans" }) });
  useCommand({ words: "History", group: "Go to", keys: "g h", run: () => go({ ...ROOT, view: "history" }) });
  useCommand({ words: "Logs", group: "Go to", keys: "g l", run: () => go({ ...ROOT, view: "logs" }) });
  useCommand({ words: "Settings", group: "Go to", keys: "g s", run: () => go({ ...ROOT, view: "settings" }) });
  useCommand({ words: "Metrics", group: "Go to", keys: "g m", run: () => go({ ...ROOT, view: "metrics" }) });
  useCommand({ words: "Projects", group: "Go to", keys: "g o", run: () => go({ ...ROOT, view: "projects" }) });
  useCommand({ words: "Roles", group: "Go to", keys: "g r", run: () => go({ ...ROOT, view: "roles" }) });
  useCommand({ words: "Runs", group: "Go to", keys: "g u", run: () => go({ ...ROOT, view: "runs" }) });
  useCommand({ words: "Agents", group: "Go to", keys: "g a", run: () => go({ ...ROOT, view: "agents" }) });
  useCommand({ words: "Models", group: "Go to", keys: "g d", run: () => go({ ...ROOT, view: "models" }) });
  useCommand({ words: "Bugs", group: "Go to", keys: "g g", run: () => go({ ...ROOT, view: "bugs" }) });
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${TITLES[place.view]} · Workflow Hub`;
  }, [place.view, waiting]);
  const [TaskHover, setTaskHover] = useState<ComponentType | null>(null);
  useEffect(
    () =>
      whenIdle(() => {
        TaskPanel.preload();
        import("../task/TaskHover").then(
          ({ default: part }) => setTaskHover(() => part),
          () => undefined, // the page does without; what it tells stands in the task
        );
      }),
    [],
  );
  return (
    <div className={styles.frame} data-panel={place.task !== null || undefined}>
      <a className={styles.skip} href="#main">
        Skip to the content
      </a>
      <TopBar
        newProject={newProject}
        reportBug={reportBug}
        showKeys={() => setOpened("keys")}
        search={() => setOpened("palette")}
      />
      <SideNav newProject={newProject} />
      <main id="main" className={styles.main} tabIndex={-1}>
        <ConnectionNote />
        <PausedBanner />
        {scripted && <ScriptedBanner />}
        {place.view === "chat" && <Chat />}
        {place.view === "board" && <Board newProject={newProject} newTask={newTask} />}
        {place.view === "inbox" && <Inbox />}
        {place.view === "plans" && <Plans />}
        {place.view === "history" && <History />}
        {place.view === "logs" && <Logs />}
        {SETTINGS.has(place.view) && <Settings />}
        {place.view === "agents" && <Agents />}
        {place.view === "models" && <Models />}
        {place.view === "runs" && <Runs />}
        {place.view === "bugs" && <Bugs />}
        {place.view === "metrics" && <Metrics />}
        {place.view === "start" && <FirstRun newProject={newProject} />}
        {place.view === "import" && <Wizard newProject={newProject} />}
        {place.view === "projects" && <Projects newProject={newProject} />}
      </main>
      {place.task !== null && <TaskPanel key={place.task} id={place.task} />}
      {TaskHover && <TaskHover />}
      {wanted && <Ring />}
      <div className={styles.dialogs}>
        {opened === "bug" && <ReportBug opened close={close("bug")} />}
        {opened === "project" && <NewProject opened close={close("project")} />}
        {opened === "task" && <NewTask close={close("task")} />}
        {opened === "palette" && <Palette close={close("palette")} />}
        {opened === "keys" && <Keys close={close("keys")} />}
      </div>
    </div>
  );
}

const TITLES = {
  board: "Board",
  chat: "Chat",
  inbox: "Inbox",
  plans: "Plans",
  history: "History",
  logs: "Logs",
  metrics: "Metrics",
  projects: "Projects",
  import: "Import tasks",
  start: "Set up",
  roles: "Roles",
  principles: "Principles",
  settings: "Settings",
  agents: "Agents",
  models: "Models",
  runs: "Runs",
  bugs: "Bugs",
};
