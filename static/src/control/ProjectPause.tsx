import { Menu } from "@mantine/core";
import type { Project } from "../api/types";
import { useProjectWord } from "./queries";

export function ProjectPause({ project }: { project: Project }) {
  const say = useProjectWord(project.id);
  const verb = project.paused ? "resume" : "pause";
  return (
    <Menu.Item onClick={() => say.mutate(verb)}>
      {verb === "pause" ? "Pause" : "Resume"} {project.name}
    </Menu.Item>
  );
}
