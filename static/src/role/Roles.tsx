import { Button, Skeleton } from "@mantine/core";
import { useState } from "react";
import type { Role } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import { draftKept } from "./draft";
import { NewRole } from "./NewRole";
import { useRoles } from "./queries";
import page from "../theme/Page.module.css";
import styles from "./Roles.module.css";
import { RoleView } from "./RoleView";
import { modelsWords, purpose } from "./words";

export default function Roles() {
  const place = usePlace();
  return place.role === null ? <RoleList /> : <RoleView key={place.role} name={place.role} />;
}

function RoleList() {
  const place = usePlace();
  const roles = useRoles();
  const [making, setMaking] = useState(false);
  return (
    <div className={`${page.page} ${styles.page}`}>
      <header className={styles.bar}>
        <h1 className={styles.title}>Roles</h1>
        <Button variant="default" onClick={() => setMaking(true)}>
          New role
        </Button>
      </header>
      <a className={styles.row} {...linkTo(place, { view: "principles" })}>
        <span className={styles.name}>Principles</span>
        <span className={styles.words}>What every role is told, whatever it does, and what the project adds.</span>
      </a>
      {roles.isPending && <Skeleton height={220} radius={8} />}
      {roles.isError && <ProblemNote error={roles.error} again={() => void roles.refetch()} />}
      <ul className={styles.list}>
        {roles.data?.map((role) => (
          <li key={role.name}>
            <Row role={role} />
          </li>
        ))}
      </ul>
      <NewRole opened={making} close={() => setMaking(false)} />
    </div>
  );
}

function Row({ role }: { role: Role }) {
  const place = usePlace();
  return (
    <a className={styles.row} {...linkTo(place, { role: role.name })}>
      <span className={styles.name}>
        {role.title}
        {draftKept(role.name) && <Tag tone="wait">not saved</Tag>}
      </span>
      <span className={styles.words}>{purpose(role.prompt)}</span>
      <span className={styles.facts}>{[role.name, modelsWords(role), `version ${role.version}`].join(" · ")}</span>
    </a>
  );
}
