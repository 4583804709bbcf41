import type { Task } from "../api/types";
import { Tag } from "../tag/Tag";
import { useWaysBack } from "./queries";
import { pushWords, underWay } from "./words";

/** What of the task's git state is under way or was not done: nothing is shown where there is nothing. */
export default function WaysBack({ task }: { task: Task }) {
  const ways = useWaysBack(task.id);
  const push = task.push && pushWords(task.push);
  const busy = ways.data ? underWay(ways.data) : null;
  return (
    <>
      {push && (
        <Tag tone={push.tone} title={task.push?.sentence}>
          {push.words}
        </Tag>
      )}
      {busy !== null && <Tag tone="wait">{busy}</Tag>}
    </>
  );
}
