import { Loader } from "@mantine/core";
import { lazy, Suspense, useEffect, useState } from "react";
import { Board } from "../board/Board";
import { ReportBug } from "../bug/ReportBug";
import { Inbox } from "../inbox/Inbox";
import { usePlace } from "../place/usePlace";
import { NewProject } from "../project/NewProject";
import { TaskPanel } from "../task/TaskPanel";
import { ConnectionNote } from "./ConnectionNote";
import styles from "./Frame.module.css";
import { SideNav } from "./SideNav";
import { TopBar } from "./TopBar";

const Plans = lazy(() => import("../plan/Plans"));
const Roles = lazy(() => import("../role/Roles"));
const PrinciplesView = lazy(() => import("../role/PrinciplesView"));

export function Frame() {
  const place = usePlace();
  const [making, setMaking] = useState(false);
  const [reporting, setReporting] = useState(false);
  const newProject = () => setMaking(true);
  useEffect(() => {
    document.title = `${TITLES[place.view]} · Workflow Hub`;
  }, [place.view]);
  return (
    <div className={styles.frame} data-panel={place.task !== null || undefined}>
      <a className={styles.skip} href="#main">
        Skip to the content
      </a>
      <TopBar newProject={newProject} reportBug={() => setReporting(true)} />
      <SideNav newProject={newProject} />
      <main id="main" className={styles.main} tabIndex={-1}>
        <ConnectionNote />
        {place.view === "board" && <Board newProject={newProject} />}
        {place.view === "inbox" && <Inbox />}
        <Suspense fallback={<Loader className={styles.loading} size="sm" aria-label="Loading" />}>
          {place.view === "plans" && <Plans />}
          {place.view === "roles" && <Roles />}
          {place.view === "principles" && <PrinciplesView />}
        </Suspense>
      </main>
      {place.task !== null && <TaskPanel key={place.task} id={place.task} />}
      <ReportBug opened={reporting} close={() => setReporting(false)} />
      <NewProject opened={making} close={() => setMaking(false)} />
    </div>
  );
}

const TITLES = { board: "Board", inbox: "Inbox", plans: "Plans", roles: "Roles", principles: "Principles" };
