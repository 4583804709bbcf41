import { Button } from "@mantine/core";
import { type KeyboardEvent, useRef } from "react";
import type { InboxItem } from "../api/types";
import { Raise } from "../budget/Raise";
import { ago, clock } from "../clock/words";
import { useNow } from "../clock/useNow";
import { useCommand } from "../command/useCommand";
import { part } from "../part/part";
import type { Place } from "../place/place";
import { go, linkTo, usePlace } from "../place/usePlace";
import { Answer } from "../question/Answer";
import { PushItem } from "../restore/PushItem";
import { keepDraft } from "../request/draft";
import { useRequest } from "../request/queries";
import { Tag } from "../tag/Tag";
import { useTask } from "../task/queries";
import { Decide } from "./Decide";
import styles from "./Inbox.module.css";
import { isTrouble, reasonWords } from "./words";

const DeployDetail = part(() => import("../deploy/DeployDetail"));
const Evidence = part(() => import("./Evidence"));

/** One item: what it is about, what is known, what waits behind it, and the decision. */
export function Detail({ item }: { item: InboxItem }) {
  const place = usePlace();
  const now = useNow(30);
  const link = linkTo(place, target(item));
  const all = useRef<HTMLElement>(null);
  const act = useRef<HTMLDivElement>(null);
  useCommand({ words: "Read what is known", group: "Inbox", keys: "e", run: () => all.current?.focus() });
  useCommand({
    words: "Go on with it",
    group: "Inbox",
    keys: "a",
    when: item.question !== null || item.budget !== null || item.kind === "push",
    run: () => act.current?.querySelector<HTMLElement>("textarea, input:not([type=radio]), button")?.focus(),
  });
  return (
    <article ref={all} tabIndex={-1} className={styles.detail} aria-label={item.title}>
      <Button className={styles.back ?? ""} variant="subtle" size="compact-sm" onClick={() => go({ item: null })}>
        All that waits
      </Button>
      <p className={styles.facts}>
        <Tag tone={isTrouble(item) ? "bad" : "wait"}>{reasonWords(item)}</Tag>
        {item.stage && <span>{item.stage.toUpperCase()}</span>}
        <time dateTime={item.since} title={clock(item.since)}>
          {ago(item.since, now)}
        </time>
      </p>
      <h2 className={styles.subject}>{item.budget ? item.title : <a {...link}>{item.title}</a>}</h2>
      <p className={item.question ? styles.question : styles.sentence}>{item.question?.text ?? item.sentence}</p>
      <Behind item={item} />
      <div ref={act} onKeyDown={leave}>
        <Act item={item} />
      </div>
      {item.kind === "deploy" && <DeployDetail id={item.id} beside />}
      {item.task_id !== null && !item.budget && <OfTask id={item.task_id} approves={item.kind === "approval"} />}
    </article>
  );
}

/** Escape leaves a field, so that the keys mean the inbox again; what was written stays. */
function leave(event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.isDefaultPrevented() || !(event.target instanceof HTMLElement)) return;
  event.stopPropagation();
  event.target.blur();
}

function Act({ item }: { item: InboxItem }) {
  const place = usePlace();
  const request = useRequest(item.kind === "request" ? item.id : undefined);
  const link = linkTo(place, target(item));
  if (item.question) return <Answer question={item.question} then="Your answer is there. The work goes on with it." />;
  if (item.budget) return <Raise budget={item.budget} />;
  if (item.kind === "push") return <PushItem item={item} />;
  return (
    <Decide item={item}>
      {item.kind === "plan" && (
        <Button variant="default" component="a" {...link}>
          Read the plan
        </Button>
      )}
      {item.kind === "request" && (
        <Button
          variant="default"
          component="a"
          {...link}
          onClickCapture={() => keepDraft(request.data?.text ?? item.title)}
        >
          Ask in other words
        </Button>
      )}
    </Decide>
  );
}

function OfTask({ id, approves }: { id: number; approves: boolean }) {
  const task = useTask(id);
  return task.data ? <Evidence task={task.data} changes={approves} /> : null;
}

function Behind({ item }: { item: InboxItem }) {
  const place = usePlace();
  const { all, tasks } = item.behind;
  if (all === 0) return null;
  const more = all - tasks.length;
  return (
    <p className={styles.waits}>
      <b>Waits behind it:</b>{" "}
      {tasks.map((task) => (
        <a
          key={task.id}
          title={task.title}
          data-direct={task.direct || undefined}
          {...linkTo(place, { task: task.id })}
        >
          {task.key}
        </a>
      ))}
      {more > 0 && (
        <span>{tasks.length > 0 ? `and ${more} more` : `${more} ${more === 1 ? "piece" : "pieces"} of work`}</span>
      )}
    </p>
  );
}

function target(item: InboxItem): Partial<Place> {
  const plan = item.kind === "plan" ? item.id : item.question?.plan_id;
  if (plan) return { view: "plans", plan, task: null };
  if (item.kind === "request") return { view: "board", project: item.project_id, task: null };
  return { task: item.task_id, tab: null, run: null };
}
