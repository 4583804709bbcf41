import { Skeleton } from "@mantine/core";
import { gone } from "../api/problem";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import { useRole } from "./queries";
import { RoleForm } from "./RoleForm";
import page from "../theme/Page.module.css";
import styles from "./Roles.module.css";
import { RolePreview } from "./RolePreview";
import { RoleVersions } from "./RoleVersions";

/** What one role is told and may do, and how that came about. */
export function RoleView({ name }: { name: string }) {
  const place = usePlace();
  const role = useRole(name);
  return (
    <article className={`${page.page} ${styles.page}`} aria-label={`Role ${name}`}>
      <a className={styles.back} {...linkTo(place, { role: null })}>
        ← All roles
      </a>
      {role.isPending && <Skeleton height={420} radius={8} />}
      {role.isError && (
        <ProblemNote
          error={gone(role.error, "The link may be old. All roles are in the list.")}
          again={() => void role.refetch()}
        />
      )}
      {role.data && (
        <>
          <h1 className={styles.title}>
            {role.data.title} <Tag>version {role.data.version}</Tag>
          </h1>
          <RoleForm role={role.data} />
          <RoleVersions role={role.data} />
          <RolePreview role={role.data.name} />
        </>
      )}
    </article>
  );
}
