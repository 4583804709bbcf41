import { Menu, UnstyledButton } from "@mantine/core";
import { go } from "../place/usePlace";
import styles from "./ProjectMenu.module.css";
import { useProject, useProjects } from "./queries";

export function ProjectMenu({ newProject }: { newProject: () => void }) {
  const projects = useProjects();
  const project = useProject();
  if (!projects.data?.length) return null;
  const chosen = project?.name ?? "All projects";
  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>
        <UnstyledButton className={styles.chosen} aria-label={`Project: ${chosen}`}>
          <span>{chosen}</span> ▾
        </UnstyledButton>
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
        <Menu.Item onClick={newProject}>New project …</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
