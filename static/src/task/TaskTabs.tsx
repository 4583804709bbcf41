import { Tabs } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { Task } from "../api/types";
import { HOME, type Tab, TABS } from "../place/place";
import { go, usePlace } from "../place/usePlace";
import { Proofs } from "../proof/Proofs";
import { RunList } from "../run/RunList";
import { RunOutput } from "../run/RunOutput";
import { useCriteria } from "./criteria";
import { useComments, useDiff, useProofs, useRuns } from "./queries";
import { TaskHistory } from "./TaskHistory";
import styles from "./TaskTabs.module.css";

const Changes = lazy(() => import("./Changes"));
const Context = lazy(() => import("../context/Context"));
const Criteria = lazy(() => import("./Criteria"));
const Talk = lazy(() => import("./Talk"));

const NAMES: Record<Tab, string> = {
  changes: "Changes",
  criteria: "Criteria",
  runs: "Runs",
  output: "Output",
  proofs: "Proofs",
  talk: "Talk",
  context: "Context",
  history: "History",
};

export function TaskTabs({ task }: { task: Task }) {
  const { tab } = usePlace();
  const counts: Partial<Record<Tab, number | undefined>> = {
    changes: useDiff(task.id).data?.files.length,
    criteria: useCriteria(task.id).data?.length,
    runs: useRuns(task.id).data?.length,
    proofs: useProofs(task.id).data?.length,
    talk: useComments(task.id).data?.length,
  };
  return (
    <Tabs
      value={tab}
      onChange={(value) => go({ tab: TABS.find((each) => each === value) ?? HOME.tab, run: null }, "replace")}
      keepMounted={false}
      classNames={{ list: styles.list, tab: styles.tab, panel: styles.panel }}
    >
      <Tabs.List aria-label="What there is about this task">
        {TABS.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {NAMES[name]}
            {counts[name] ? ` ${counts[name]}` : ""}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Suspense fallback={null}>
        <Tabs.Panel value="changes">
          <Changes task={task} />
        </Tabs.Panel>
        <Tabs.Panel value="criteria">
          <Criteria task={task} />
        </Tabs.Panel>
        <Tabs.Panel value="runs">
          <RunList task={task} />
        </Tabs.Panel>
        <Tabs.Panel value="output">
          <RunOutput task={task} />
        </Tabs.Panel>
        <Tabs.Panel value="proofs">
          <Proofs task={task} />
        </Tabs.Panel>
        <Tabs.Panel value="talk">
          <Talk task={task} />
        </Tabs.Panel>
        <Tabs.Panel value="context">
          <Context task={task} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <TaskHistory task={task} />
        </Tabs.Panel>
      </Suspense>
    </Tabs>
  );
}
