import { Button } from "@mantine/core";
import type { Plan, Request } from "../api/types";
import { useActivity } from "../live/activity";
import { go } from "../place/usePlace";
import { planSize } from "../plan/words";
import { Now } from "../tag/Now";
import { Tag } from "../tag/Tag";
import { useSettle, useUnderWay } from "./queries";
import styles from "./RequestStrip.module.css";

/** The requests that are not tasks yet: what the PM does with them, and the plans that wait for a word. */
export function RequestStrip() {
  const open = useUnderWay();
  if (open.length === 0) return null;
  return (
    <ul className={styles.strip} aria-label="Requests under way" aria-live="polite">
      {open.map(({ request, plan }) => (
        <Item key={request.id} request={request} plan={plan} />
      ))}
    </ul>
  );
}

function Item({ request, plan }: { request: Request; plan: Plan | null }) {
  const words = useActivity(request.run_id);
  const settle = useSettle();
  const waits = plan?.state === "waiting";
  const drop = (word: string) => (
    <Button
      size="compact-xs"
      variant="default"
      onClick={() => settle.mutate({ id: request.id, say: "close" })}
      loading={settle.isPending}
    >
      {word}
    </Button>
  );
  return (
    <li className={styles.item} data-state={waits ? "waiting" : request.state}>
      <p className={styles.text}>{request.text}</p>
      {waits ? (
        <div className={styles.row}>
          <Tag tone="wait">The plan waits for you</Tag>
          <span className={styles.dim}>{planSize(plan)}</span>
          <Button className={styles.act} onClick={() => go({ view: "plans", plan: plan.id, task: null })}>
            Read the plan
          </Button>
        </div>
      ) : request.state === "failed" ? (
        <div className={styles.row}>
          <Tag tone="bad">No plan</Tag>
          <span>{request.sentence}</span>
          <span className={styles.acts}>
            <Button
              size="compact-xs"
              onClick={() => settle.mutate({ id: request.id, say: "retry" })}
              loading={settle.isPending}
            >
              Plan it again
            </Button>
            {drop("Drop it")}
          </span>
        </div>
      ) : (
        <div className={styles.row}>
          <Now>{words ?? (request.state === "new" ? "waits for the PM" : "the PM reads the workspace and plans")}</Now>
          <span className={styles.acts}>{drop("Stop")}</span>
        </div>
      )}
    </li>
  );
}
