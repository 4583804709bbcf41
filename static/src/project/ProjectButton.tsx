import { UnstyledButton } from "@mantine/core";
import type { ComponentProps } from "react";
import styles from "./ProjectMenu.module.css";
import { useProject, useProjects } from "./queries";

export function ProjectButton({ className = "", ...rest }: ComponentProps<"button">) {
  const projects = useProjects();
  const chosen = useProject()?.name ?? "All projects";
  if (!projects.data?.length) return null;
  return (
    <UnstyledButton className={`${styles.chosen} ${className}`} aria-label={`Project: ${chosen}`} {...rest}>
      <span>{chosen}</span> ▾
    </UnstyledButton>
  );
}
