import { Button } from "@mantine/core";
import { ProblemNote } from "../problem/ProblemNote";
import { Output } from "../run/Output";
import styles from "./Deploy.module.css";
import { useCancelDeploy, useDeploy, useRunOf } from "./queries";
import { isUnderWay } from "./words";

interface Props {
  id: number;
  /** Its sentence stands beside it already. */
  beside?: boolean;
}

/** One deploy: what it was granted, what it told, and its log, followed while it runs. */
export default function DeployDetail({ id, beside = false }: Props) {
  const { data: deploy, error } = useDeploy(id);
  const live = deploy?.state === "running";
  const run = useRunOf(deploy?.run_id ?? "", live);
  const cancel = useCancelDeploy();
  if (error) return <ProblemNote error={error} />;
  if (!deploy) return null;
  return (
    <div className={styles.detail}>
      {deploy.sentence && !beside && <p>{deploy.sentence}</p>}
      {deploy.command && <pre className={styles.command}>{deploy.command}</pre>}
      <ul className={styles.granted}>
        {deploy.granted.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {Object.entries(deploy.facts).map(([name, value]) => (
        <p key={name}>
          {name}: <code>{String(value)}</code>
        </p>
      ))}
      {live && run.data && <Output run={run.data} />}
      {deploy.log_end !== null && (
        <pre className={styles.log} tabIndex={0} aria-label={`The end of the log of deploy ${id}`}>
          {deploy.log_end}
        </pre>
      )}
      {isUnderWay(deploy) && (
        <div>
          <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(id)}>
            Cancel it
          </Button>
        </div>
      )}
    </div>
  );
}
