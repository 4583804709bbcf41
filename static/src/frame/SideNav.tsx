import { UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { type Find, useHover } from "../hover/useHover";
import { part } from "../part/part";
import type { View } from "../place/place";
import { linkTo, usePlace } from "../place/usePlace";
import { useWaitingPlans } from "../plan/queries";
import { useProject, useSummary } from "../project/queries";
import styles from "./SideNav.module.css";

const ROOT = { task: null, plan: null, role: null, thread: null, section: null, workflow: null };
const ROOMS: Record<View, View> = {
  board: "board",
  chat: "chat",
  inbox: "inbox",
  plans: "plans",
  history: "history",
  logs: "logs",
  roles: "settings",
  principles: "settings",
  settings: "settings",
  agents: "agents",
  models: "models",
  runs: "runs",
  bugs: "bugs",
  metrics: "metrics",
  projects: "projects",
  import: "board",
  start: "start",
};

const HoverCard = part(() => import("../project/HoverCard"));
const HOVER = "project-hover";
const HOW = { patienceMs: 350, focus: true };

const findProject: Find = (target) => {
  const element = target.closest<HTMLElement>("[data-hover]");
  return element && { element, id: Number(element.dataset.hover) };
};

export function SideNav({ newProject }: { newProject: () => void }) {
  const place = usePlace();
  const chosen = useProject();
  const { data } = useSummary();
  const plans = useWaitingPlans();
  const hovered = useHover(findProject, HOW);
  const view = (name: View, words: string, count: number) => (
    <Item on={ROOMS[place.view] === name} {...linkTo(place, { ...ROOT, view: name })} count={count}>
      {words}
    </Item>
  );
  return (
    <nav className={styles.nav} aria-label="Hub">
      <div className={styles.views}>
        {view("board", "Board", 0)}
        {view("chat", "Chat", 0)}
        {view("inbox", "Inbox", data?.waiting ?? 0)}
        {view("plans", "Plans", plans.data?.length ?? 0)}
        {view("history", "History", 0)}
        {view("logs", "Logs", 0)}
        {view("settings", "Settings", 0)}
        {view("runs", "Runs", 0)}
        {view("agents", "Agents", 0)}
        {view("models", "Models", 0)}
        {view("bugs", "Bugs", 0)}
        {view("metrics", "Metrics", 0)}
      </div>
      <div className={styles.projects}>
        <h2 className={styles.heading}>
          <a
            aria-current={place.view === "projects" ? "page" : undefined}
            {...linkTo(place, { ...ROOT, view: "projects" })}
          >
            Projects
          </a>
        </h2>
        {data?.projects.map((project) => (
          <Item
            key={project.id}
            on={project.id === chosen?.id}
            hover={project.id}
            described={hovered?.id === project.id ? HOVER : undefined}
            {...linkTo(place, { ...ROOT, project: project.id, view: "board" })}
            count={project.open}
          >
            {project.name}
          </Item>
        ))}
        <UnstyledButton className={styles.item} onClick={newProject}>
          + New project
        </UnstyledButton>
      </div>
      {hovered && <HoverCard {...hovered} name={HOVER} />}
    </nav>
  );
}

interface ItemProps extends ReturnType<typeof linkTo> {
  on: boolean;
  count: number;
  hover?: number;
  described?: string | undefined;
  children: ReactNode;
}

function Item({ on, count, hover, described, children, ...link }: ItemProps) {
  return (
    <a
      className={styles.item}
      aria-current={on ? "page" : undefined}
      aria-describedby={described}
      data-hover={hover}
      {...link}
    >
      <span className={styles.words}>{children}</span>
      {count > 0 && <span className={styles.count}>{count}</span>}
    </a>
  );
}
