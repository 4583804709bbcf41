import { Menu } from "@mantine/core";
import { useState } from "react";
import { ProjectPause } from "../control/ProjectPause";
import { part } from "../part/part";
import { go } from "../place/usePlace";
import { ProjectButton } from "./ProjectButton";
import { useProject, useProjects } from "./queries";

const Deploys = part(() => import("../deploy/Deploys"));
const EditProject = part(() => import("./EditProject"));

interface Props {
  newProject: () => void;
  startOpened?: boolean;
}

export default function ProjectMenu({ newProject, startOpened = false }: Props) {
  const projects = useProjects();
  const project = useProject();
  const [editing, setEditing] = useState({ times: 0, opened: false });
  const [deploys, setDeploys] = useState(false);
  if (!projects.data?.length) return null;
  return (
    <>
      <Menu position="bottom-start" width={240} defaultOpened={startOpened}>
        <Menu.Target>
          <ProjectButton />
        </Menu.Target>
        <Menu.Dropdown>
          {projects.data.length > 1 && (
            <Menu.Item onClick={() => go({ project: null, task: null, plan: null })}>All projects</Menu.Item>
          )}
          {projects.data.map((each) => (
            <Menu.Item
              key={each.id}
              rightSection={each.id === project?.id ? "✓" : null}
              onClick={() => go({ project: each.id, task: null, plan: null })}
            >
              {each.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          {project && (
            <Menu.Item onClick={() => setEditing({ times: editing.times + 1, opened: true })}>
              Edit {project.name} …
            </Menu.Item>
          )}
          {project && <ProjectPause project={project} />}
          {project && <Menu.Item onClick={() => setDeploys(true)}>Deploys …</Menu.Item>}
          <Menu.Item onClick={() => go({ view: "projects", task: null, plan: null })}>
            All projects, archived too …
          </Menu.Item>
          <Menu.Item onClick={newProject}>New project …</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {deploys && project && <Deploys project={project} opened close={() => setDeploys(false)} />}
      {editing.times > 0 && project && (
        <EditProject
          key={editing.times}
          project={project}
          opened={editing.opened}
          close={() => setEditing({ ...editing, opened: false })}
        />
      )}
    </>
  );
}
