import { Button } from "@mantine/core";
import type { Plan, Request } from "../api/types";
import { useActivity } from "../live/activity";
import { go } from "../place/usePlace";
import { planSize } from "../plan/words";
import { Now } from "../tag/Now";
import { Tag } from "../tag/Tag";
import { useSettle } from "./queries";
import styles from "./RequestStrip.module.css";

/** What the PM does with a request, or what came of it, with the person's word on it. */
export function RequestState({ request, plan }: { request: Request; plan: Plan | null }) {
  const words = useActivity(request.run_id);
  const settle = useSettle();
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
  if (plan?.state === "waiting")
    return (
      <div className={styles.row}>
        <Tag tone="wait">The plan waits for you</Tag>
        <span className={styles.dim}>{planSize(plan)}</span>
        <Button className={styles.act} onClick={() => go({ view: "plans", plan: plan.id, task: null })}>
          Read the plan
        </Button>
      </div>
    );
  if (request.state === "closed") return <Tag>dropped</Tag>;
  if (request.state === "failed")
    return (
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
    );
  return (
    <div className={styles.row}>
      <Now>{words ?? (request.state === "new" ? "waits for the PM" : "the PM reads the workspace and plans")}</Now>
      <span className={styles.acts}>{drop("Stop")}</span>
    </div>
  );
}
