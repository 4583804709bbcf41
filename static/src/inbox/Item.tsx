import { Button } from "@mantine/core";
import type { InboxItem } from "../api/types";
import { Raise } from "../budget/Raise";
import { ago } from "../clock/words";
import { useNow } from "../clock/useNow";
import type { Place } from "../place/place";
import { linkTo, usePlace } from "../place/usePlace";
import { keepDraft } from "../request/draft";
import { Answer } from "../question/Answer";
import { useRequests, useSettle } from "../request/queries";
import { Tag } from "../tag/Tag";
import { Decision } from "../task/Decision";
import { useOpenApproval, useTask, useTrigger } from "../task/queries";
import { shortWait, startWord } from "../task/words";
import styles from "./Inbox.module.css";

export function Item({ item }: { item: InboxItem }) {
  const place = usePlace();
  const now = useNow(30);
  const requests = useRequests();
  const settle = useSettle();
  const link = linkTo(place, target(item));
  return (
    <li className={styles.item} aria-current={item.task_id !== null && place.task === item.task_id ? true : undefined}>
      <p className={styles.facts}>
        <Tag tone={item.kind === "request" ? "bad" : "wait"}>{reasonWords(item)}</Tag>
        <time dateTime={item.since}>{ago(item.since, now)}</time>
      </p>
      {item.budget ? (
        <p className={styles.what}>{item.title}</p>
      ) : (
        <a className={styles.what} {...link}>
          {item.title}
        </a>
      )}
      {item.question ? (
        <>
          <p className={styles.question}>{item.question.text}</p>
          <Answer question={item.question} then="Your answer is there. The work goes on with it." />
        </>
      ) : (
        <p className={styles.sentence}>{item.sentence}</p>
      )}
      <div className={styles.act}>
        {item.kind === "approval" && item.task_id !== null && <ApprovalAct taskId={item.task_id} />}
        {item.kind === "task" && item.task_id !== null && <TaskAct taskId={item.task_id} />}
        {item.budget && <Raise budget={item.budget} />}
        {item.kind === "budget" ? null : item.kind === "request" ? (
          <>
            <Button
              onClick={() => settle.mutate({ id: item.id, say: "retry" })}
              loading={settle.isPending}
              disabled={settle.isSuccess}
            >
              Plan it again
            </Button>
            <Button
              variant="default"
              component="a"
              {...link}
              onClickCapture={() => keepDraft(requests.data?.find(({ id }) => id === item.id)?.text ?? item.title)}
            >
              Ask in other words
            </Button>
          </>
        ) : (
          <a className={styles.look} {...link}>
            {item.kind === "plan"
              ? "Read the plan and decide"
              : item.question?.plan_id
                ? "Read the plan"
                : "Look at it"}
          </a>
        )}
      </div>
    </li>
  );
}

function ApprovalAct({ taskId }: { taskId: number }) {
  const task = useTask(taskId);
  const approval = useOpenApproval(taskId);
  if (!task.data || !approval.data) return null;
  return <Decision task={task.data} approval={approval.data} keyed={false} />;
}

function TaskAct({ taskId }: { taskId: number }) {
  const task = useTask(taskId);
  const trigger = useTrigger(taskId);
  const word = task.data && startWord(task.data);
  if (!word) return null;
  return (
    <Button onClick={() => trigger.mutate()} loading={trigger.isPending}>
      {word}
    </Button>
  );
}

function target(item: InboxItem): Partial<Place> {
  if (item.kind === "plan") return { view: "plans", plan: item.id, task: null };
  if (item.question?.plan_id) return { view: "plans", plan: item.question.plan_id, task: null };
  if (item.kind === "request") return { view: "board", project: item.project_id, task: null };
  return { task: item.task_id, tab: "changes", run: null };
}

function reasonWords(item: InboxItem): string {
  if (item.kind === "plan") return "a plan waits for you";
  if (item.question) return `${item.question.role?.toUpperCase() ?? "an agent"} asks you`;
  return item.kind === "request" ? "no plan came of it" : shortWait(item.reason);
}
