import { Skeleton } from "@mantine/core";
import type { Project } from "../api/types";
import page from "../theme/Page.module.css";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import styles from "./Models.module.css";
import { useRoleModels } from "./queries";
import { saidBy, workWords } from "./words";

/** Which models each role uses, in their order. They are chosen elsewhere: of a role, of a project, or of the hub. */
export function RoleModelsList({ project }: { project: Project | null }) {
  const place = usePlace();
  const roles = useRoleModels(project?.id ?? null);
  return (
    <>
      <p className={page.hint}>
        {project ? `In ${project.name}` : "Where a project says nothing"}: the first is asked; where it fails, is too
        dear, or is not meant for such work, the next one stands in. A request or a task may choose others.
      </p>
      {roles.isPending && <Skeleton height={260} radius={8} aria-label="Loading" />}
      {roles.isError && <ProblemNote error={roles.error} again={() => void roles.refetch()} />}
      <ul className={styles.list}>
        {roles.data?.map((role) => (
          <li key={role.role} className={styles.model}>
            <header className={page.head}>
              <a className={styles.name} {...linkTo(place, { view: "roles", role: role.role })}>
                {role.title}
              </a>
              <span className={page.facts}>{saidBy(role.said_by)}</span>
            </header>
            <ol className={styles.order}>
              {role.models.map((one) => (
                <li key={one.model}>
                  <code>{one.model}</code> {workWords(one) && <Tag>{workWords(one)}</Tag>}
                  {!one.known && <Tag tone="bad">its provider is not set up</Tag>}
                </li>
              ))}
            </ol>
          </li>
        ))}
      </ul>
    </>
  );
}
