import { ProjectFacts } from "./ProjectFacts";
import styles from "./Projects.module.css";
import { useProjects } from "./queries";

interface Props {
  id: number;
  /** Where it stands, in the window. */
  at: { left: number; top: number };
  name: string;
}

const HEIGHT = 190;

export default function HoverCard({ id, at, name }: Props) {
  const project = useProjects().data?.find((one) => one.id === id);
  if (!project) return null;
  const top = Math.max(8, Math.min(at.top, window.innerHeight - HEIGHT));
  return (
    <div id={name} role="tooltip" className={styles.hover} style={{ left: at.left, top }}>
      <p>
        <b>{project.name}</b> <span className={styles.key}>{project.key}</span>
        {project.paused && <span className={styles.key}> · paused</span>}
      </p>
      <ProjectFacts project={project} />
    </div>
  );
}
