import { Button, Group, Modal } from "@mantine/core";
import { useState } from "react";
import type { Deploy, Project } from "../api/types";
import { ago, clock, duration } from "../clock/words";
import { useNow } from "../clock/useNow";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import styles from "./Deploy.module.css";
import DeployDetail from "./DeployDetail";
import { GrantsForm } from "./GrantsForm";
import { useDeployNow, useDeploys } from "./queries";
import { isUnderWay, stateOf } from "./words";

interface Props {
  project: Project;
  opened: boolean;
  close: () => void;
}

/** What was deployed of a project, the newest first. */
export default function Deploys({ project, opened, close }: Props) {
  const deploys = useDeploys(project.id);
  const again = useDeployNow(project.id);
  const [granting, setGranting] = useState(false);
  const own = project.settings["deploy"] as { command?: string } | undefined;
  const waits = deploys.data?.some(({ state }) => state === "queued") ?? false;
  return (
    <Modal opened={opened} onClose={close} size="lg" title={`Deploys of ${project.name}`}>
      {granting ? (
        <GrantsForm project={project} close={() => setGranting(false)} />
      ) : (
        <Group gap="xs">
          {own?.command && (
            <Button size="sm" loading={again.isPending} disabled={waits} onClick={() => again.mutate()}>
              {deploys.data?.length === 0 ? "Deploy now" : "Deploy again"}
            </Button>
          )}
          <Button size="sm" variant={own?.command ? "default" : "filled"} onClick={() => setGranting(true)}>
            {own?.command ? "Command and grants …" : "Give it a deploy command …"}
          </Button>
        </Group>
      )}
      {!own?.command && !granting && (
        <p className={styles.none}>
          It has no deploy command: after a merge nothing is deployed. A command is given what you grant it and nothing
          else.
        </p>
      )}
      {deploys.isError && <ProblemNote error={deploys.error} />}
      {deploys.data?.length === 0 && own?.command && <p className={styles.none}>Nothing was deployed yet.</p>}
      <ul className={styles.list}>
        {deploys.data?.map((one) => (
          <Line key={one.id} deploy={one} />
        ))}
      </ul>
    </Modal>
  );
}

function Line({ deploy }: { deploy: Deploy }) {
  const now = useNow(isUnderWay(deploy) ? 1 : 30);
  const [opened, setOpened] = useState(isUnderWay(deploy));
  const { words, tone } = stateOf(deploy);
  const at = deploy.started_at ?? deploy.created_at;
  return (
    <li>
      <button
        type="button"
        className={styles.line}
        aria-expanded={opened}
        title={deploy.sentence}
        onClick={() => setOpened(!opened)}
      >
        <Tag tone={tone}>{words}</Tag>
        <code>{deploy.commit?.slice(0, 10) ?? ""}</code>
        <time dateTime={at} title={clock(at)}>
          {ago(at, now)}
        </time>
        <span className={styles.seconds}>{deploy.seconds === null ? "" : duration(deploy.seconds)}</span>
      </button>
      {opened && <DeployDetail id={deploy.id} />}
    </li>
  );
}
