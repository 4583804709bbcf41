import { HoverBox } from "../hover/HoverBox";
import type { Hovered } from "../hover/useHover";
import { ProjectFacts } from "./ProjectFacts";
import styles from "./Projects.module.css";
import { useProjects } from "./queries";

export default function HoverCard({ id, by, name }: Hovered & { name: string }) {
  const project = useProjects().data?.find((one) => one.id === id);
  if (!project) return null;
  return (
    <HoverBox name={name} by={by}>
      <p>
        <b>{project.name}</b> <span className={styles.key}>{project.key}</span>
        {project.paused && <span className={styles.key}> · paused</span>}
      </p>
      <ProjectFacts project={project} />
    </HoverBox>
  );
}
