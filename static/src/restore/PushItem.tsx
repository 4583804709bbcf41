import { Button } from "@mantine/core";
import type { InboxItem } from "../api/types";
import { ago } from "../clock/words";
import { useNow } from "../clock/useNow";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import { usePushAgain, usePushes } from "./queries";
import styles from "./Restore.module.css";
import { pushWords } from "./words";

/** A push that the remote refused: tried again by a person's word, beside what went out before. */
export function PushItem({ item }: { item: InboxItem }) {
  const now = useNow(30);
  const pushes = usePushes(item.project_id ?? 0);
  const push = usePushAgain(item.project_id ?? 0);
  return (
    <div className={styles.pushes}>
      <div>
        <Button onClick={() => push.mutate()} loading={push.isPending} disabled={push.isSuccess}>
          Push again
        </Button>
      </div>
      {push.isError && <ProblemNote error={push.error} />}
      <details className={styles.more}>
        <summary>The newest pushes of this project</summary>
        <ul className={styles.files}>
          {pushes.data?.map((one) => (
            <li key={one.id}>
              <span>
                <code>{one.commit.slice(0, 10)}</code> of {one.branch}, {ago(one.created_at, now)}
              </span>
              <Tag tone={pushWords(one).tone}>{pushWords(one).words}</Tag>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
