import { Skeleton } from "@mantine/core";
import { lazy } from "react";
import type { Role } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { useRevertRole, useRoleDiff, useRoleVersions } from "./queries";
import { Versions } from "./Versions";
import { fieldWords } from "./words";

const Fields = lazy(() => import("../diff/Fields"));

export function RoleVersions({ role }: { role: Role }) {
  const versions = useRoleVersions(role.name);
  const revert = useRevertRole(role.name);
  if (versions.isPending) return <Skeleton height={60} radius={8} />;
  if (versions.isError) return <ProblemNote error={versions.error} again={() => void versions.refetch()} />;
  return (
    <Versions
      key={role.version}
      of={`the role ${role.title}`}
      versions={versions.data.map(({ version, created_at }) => ({ version, at: created_at, who: "" }))}
      changes={(from, to) => <Changes name={role.name} from={from} to={to} />}
      revert={(to) =>
        revert.mutate(
          { version: role.version, to },
          { onSuccess: ({ version }) => tellDone(`Version ${to} is back, as version ${version}.`) },
        )
      }
      reverting={revert.isPending}
    />
  );
}

function Changes({ name, from, to }: { name: string; from: number; to: number }) {
  const diff = useRoleDiff(name, from, to);
  if (diff.isPending) return <Skeleton height={80} radius={8} />;
  if (diff.isError) return <ProblemNote error={diff.error} again={() => void diff.refetch()} />;
  return <Fields fields={diff.data.map(({ field, diff: lines }) => ({ name: fieldWords(field), diff: lines }))} />;
}
