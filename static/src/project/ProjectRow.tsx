import { Button, Menu } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../api/types";
import { ProjectPause } from "../control/ProjectPause";
import { part } from "../part/part";
import { linkTo, usePlace } from "../place/usePlace";
import { tellDone, tellProblem } from "../problem/tell";
import { Tag } from "../tag/Tag";
import { useUnarchive } from "./places";
import { ProjectFacts } from "./ProjectFacts";
import styles from "./Projects.module.css";

const EditProject = part(() => import("./EditProject"));
const FoundDialog = part(() => import("./FoundDialog"));
const Going = part(() => import("./Going"));
const SwitchFolder = part(() => import("./SwitchFolder"));

type Dialog = "edit" | "found" | "switch" | "archive" | "delete";

export function ProjectRow({ project }: { project: Project }) {
  const place = usePlace();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const unarchive = useUnarchive();
  const close = () => setDialog(null);
  const archived = project.archived_at !== null;
  const back = () =>
    unarchive.mutate(project.id, {
      onSuccess: ({ name }) => tellDone(`${name} is back, and paused: resume it when it may go on.`),
      onError: tellProblem,
    });
  return (
    <section className={styles.row} aria-label={project.name}>
      <div className={styles.head}>
        <h2>
          <a {...linkTo(place, { project: project.id, view: "board", task: null })}>{project.name}</a>
        </h2>
        <span className={styles.key}>{project.key}</span>
        {archived ? <Tag>archived</Tag> : project.paused && <Tag tone="wait">paused</Tag>}
        <span className={styles.actions}>
          {archived && (
            <Button variant="default" loading={unarchive.isPending} onClick={back}>
              Bring it back
            </Button>
          )}
          <Menu position="bottom-end" width={220}>
            <Menu.Target>
              <Button variant="default" aria-label={`What to do with ${project.name}`}>
                •••
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setDialog("edit")}>Edit …</Menu.Item>
              <Menu.Item onClick={() => setDialog("found")}>What was found …</Menu.Item>
              <Menu.Item onClick={() => setDialog("switch")}>Another folder …</Menu.Item>
              {!archived && <ProjectPause project={project} />}
              <Menu.Divider />
              {!archived && <Menu.Item onClick={() => setDialog("archive")}>Archive …</Menu.Item>}
              <Menu.Item color="red" onClick={() => setDialog("delete")}>
                Delete …
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </span>
      </div>
      <ProjectFacts project={project} />
      {dialog === "edit" && <EditProject project={project} opened close={close} />}
      {dialog === "found" && <FoundDialog project={project} close={close} />}
      {dialog === "switch" && <SwitchFolder project={project} close={close} />}
      {(dialog === "archive" || dialog === "delete") && <Going project={project} what={dialog} close={close} />}
    </section>
  );
}
