import { Button, Skeleton } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import { linkTo, usePlace } from "../place/usePlace";
import { useFollow } from "../run/useFollow";
import styles from "./Chat.module.css";
import { Composer } from "./Composer";
import { ExchangeView } from "./ExchangeView";
import { type ThreadPlace, useAnswerWord, useMessages, useSay } from "./queries";
import { exchanges, STARTERS } from "./words";

interface Props {
  thread: ThreadPlace;
  title: string;
  taskKey: string | null;
  /** Shows the other threads, where there is no room for them beside it. */
  list: () => void;
  /** What stands below the messages. */
  children?: ReactNode;
}

/** A thread: what was said, to its end, and the box to say more. */
export function Thread({ thread, title, taskKey, list, children }: Props) {
  const here = usePlace();
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const { onScroll, toEnd } = useFollow(box, inner, true);
  const messages = useMessages(thread);
  const all = messages.data?.pages.flatMap((page) => page.messages) ?? [];
  const told = exchanges(all);
  const thinking = all.find(({ state }) => state === "thinking");
  const stop = useAnswerWord(thinking?.id ?? 0);
  const newest = all[0]?.id;
  useEffect(() => {
    if (newest !== undefined) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [newest]);
  return (
    <section className={styles.thread} aria-label={`Chat about ${title}`}>
      <header className={styles.head}>
        <Button className={styles.back} size="compact-xs" variant="default" onClick={list}>
          Chats
        </Button>
        <h1 className={styles.title}>
          {taskKey !== null && (
            <a {...linkTo(here, { task: thread.task })} className={styles.key}>
              {taskKey}
            </a>
          )}{" "}
          {title}
        </h1>
        {taskKey !== null && (
          <a className={styles.dim} {...linkTo(here, { thread: null })}>
            the project's chat
          </a>
        )}
      </header>
      <div
        className={styles.scroll}
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label="What was said"
      >
        <div ref={inner} className={styles.inner}>
          {messages.isPending && (
            <>
              <Skeleton height={40} radius={8} />
              <Skeleton height={90} radius={8} />
            </>
          )}
          {messages.isError && <ProblemNote error={messages.error} again={() => void messages.refetch()} />}
          {messages.hasNextPage && (
            <Button
              variant="subtle"
              size="compact-xs"
              loading={messages.isFetchingNextPage}
              onClick={() => void messages.fetchNextPage()}
            >
              Earlier
            </Button>
          )}
          {messages.isSuccess && told.length === 0 && <Empty thread={thread} taskKey={taskKey} />}
          <div role="log" aria-label="Messages">
            <ol className={styles.exchanges}>
              {told.map((one) => (
                <ExchangeView key={one.said.id} {...one} />
              ))}
            </ol>
          </div>
          {children}
        </div>
      </div>
      <Composer
        key={`${thread.project}.${thread.task ?? 0}`}
        place={thread}
        taskKey={taskKey}
        last={all.find(({ kind, author }) => kind !== "answer" && author === "person") ?? null}
        stop={
          thinking
            ? () => {
                stop.mutate("stop");
                toEnd();
              }
            : null
        }
      />
    </section>
  );
}

function Empty({ thread, taskKey }: { thread: ThreadPlace; taskKey: string | null }) {
  const say = useSay(thread);
  return (
    <div className={styles.empty}>
      <p>
        {taskKey === null
          ? "Ask for work and the PM answers with a plan, right here. Ask about it and you get an answer from the record, with links."
          : `Ask about ${taskKey}: the answer comes from its record, with links to the run, the finding, the line.`}
      </p>
      <p className={styles.acts}>
        {STARTERS[taskKey === null ? "project" : "task"].map((words) => (
          <Button
            key={words}
            size="compact-sm"
            variant="default"
            loading={say.isPending && say.variables === words}
            onClick={() => say.mutate(words)}
          >
            {words}
          </Button>
        ))}
      </p>
      {say.isError && <ProblemNote error={say.error} />}
    </div>
  );
}
