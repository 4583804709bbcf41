import { Skeleton, Tabs } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Task } from "../api/types";
import { part } from "../part/part";
import { type Tab, TABS } from "../place/place";
import { go, usePlace } from "../place/usePlace";
import { EvidenceBox } from "./EvidenceBox";
import { useComments, useDiff, useProofs, useRuns } from "./queries";
import styles from "./TaskTabs.module.css";
import { firstTab } from "./words";

const WAITING = <Skeleton height={160} radius={8} aria-label="Loading" />;
const Overview = part(() => import("./Overview"), WAITING);
const Changes = part(() => import("../diff/Changes"), WAITING);
const Work = part(() => import("../run/Work"), WAITING);
const EvidenceTab = part(() => import("./EvidenceTab"), WAITING);
const Talk = part(() => import("./Talk"), WAITING);
const Past = part(() => import("./Past"), WAITING);

const NAMES: Record<Tab, string> = {
  overview: "Overview",
  changes: "Changes",
  runs: "Runs",
  evidence: "Evidence",
  talk: "Talk",
  history: "History",
};

interface Props {
  task: Task;
  add: (files: File[]) => void;
  adding: boolean;
}

export function TaskTabs({ task, add, adding }: Props) {
  const { tab } = usePlace();
  const [first] = useState(() => firstTab(task));
  const counts: Partial<Record<Tab, number | undefined>> = {
    changes: useDiff(task.id).data?.files.length,
    runs: useRuns(task.id).data?.length,
    evidence: useProofs(task.id).data?.length,
    talk: useComments(task.id).data?.length,
  };
  const parts: Record<Tab, ReactNode> = {
    overview: <Overview task={task} add={add} adding={adding} />,
    changes: (
      <>
        <EvidenceBox task={task} />
        <Changes task={task} />
      </>
    ),
    runs: <Work task={task} />,
    evidence: <EvidenceTab task={task} />,
    talk: <Talk task={task} />,
    history: <Past task={task} />,
  };
  return (
    <Tabs
      value={tab ?? first}
      onChange={(value) => go({ tab: TABS.find((each) => each === value) ?? null }, "replace")}
      keepMounted={false}
      classNames={{ list: styles.list, tab: styles.tab, panel: styles.panel }}
    >
      <Tabs.List aria-label="What there is about this task">
        {TABS.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {NAMES[name]}
            {counts[name] ? <span className={styles.count}> {counts[name]}</span> : ""}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {TABS.map((name) => (
        <Tabs.Panel key={name} value={name}>
          {parts[name]}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
