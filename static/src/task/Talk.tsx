import { Button, Skeleton, Textarea } from "@mantine/core";
import { type KeyboardEvent, type SyntheticEvent, useState } from "react";
import type { Comment, Task } from "../api/types";
import { ago, clock } from "../clock/words";
import { useNow } from "../clock/useNow";
import { Told } from "../markdown/Told";
import { ProblemNote } from "../problem/ProblemNote";
import { InPlace } from "./InPlace";
import { begunWords, keepWords } from "./inPlace";
import { useComments } from "./queries";
import { useSay, useUnsay, useWords } from "./talk";
import styles from "./Talk.module.css";

export default function Talk({ task }: { task: Task }) {
  const comments = useComments(task.id);
  const now = useNow(30);
  if (comments.isPending) return <Skeleton height={100} radius={8} />;
  if (comments.isError) return <ProblemNote error={comments.error} again={() => void comments.refetch()} />;
  return (
    <>
      {comments.data.length === 0 && <p className={styles.none}>Nothing was said yet.</p>}
      <ol className={styles.list}>
        {comments.data.map((comment) => (
          <li
            key={comment.id}
            className={styles.comment}
            data-author={comment.author}
            data-outside={comment.author === task.origin?.provider || undefined}
          >
            <p className={styles.who}>
              <b>{whoSaid(comment, task)}</b>{" "}
              <time dateTime={comment.created_at} title={clock(comment.created_at)}>
                {ago(comment.created_at, now)}
              </time>
              {comment.updated_at !== comment.created_at && comment.version > 1 && <span>edited</span>}
              {comment.author === "person" && <Unsay comment={comment} />}
            </p>
            {comment.author === "person" ? <Own comment={comment} /> : <Told>{comment.body}</Told>}
          </li>
        ))}
      </ol>
      <Say task={task} />
    </>
  );
}

/** What was said in an outside tracker is nobody's word here: it is quoted. */
function whoSaid({ author }: Comment, { origin }: Task): string {
  if (author === "person") return "You";
  return author === origin?.provider ? `Said in ${origin.title}` : author;
}

function Own({ comment }: { comment: Comment }) {
  const words = useWords(comment);
  return (
    <InPlace {...words} label="Comment" maxLength={50_000} required>
      <Told>{comment.body}</Told>
    </InPlace>
  );
}

function Unsay({ comment }: { comment: Comment }) {
  const [sure, setSure] = useState(false);
  const unsay = useUnsay(comment);
  if (!sure)
    return (
      <Button className={styles.unsay} size="compact-xs" variant="subtle" color="gray" onClick={() => setSure(true)}>
        Delete
      </Button>
    );
  return (
    <>
      <Button
        className={styles.unsay}
        size="compact-xs"
        color="red"
        autoFocus
        loading={unsay.isPending}
        onClick={() => unsay.mutate()}
      >
        Delete it
      </Button>
      <Button size="compact-xs" variant="subtle" onClick={() => setSure(false)}>
        No
      </Button>
    </>
  );
}

function Say({ task }: { task: Task }) {
  const kept = `${task.id}.comment`;
  const [words, setWords] = useState(() => begunWords(kept) ?? "");
  const change = (text: string) => {
    setWords(text);
    keepWords(kept, text || null);
  };
  const say = useSay(task.id, () => change(""));
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (words.trim() && !say.isPending) say.mutate(words.trim());
  };
  return (
    <form className={styles.say} onSubmit={send}>
      <Textarea
        aria-label="Say something about the task"
        placeholder="Say something about the task: the next agent reads it"
        autosize
        minRows={2}
        maxRows={16}
        maxLength={50_000}
        value={words}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(event);
        }}
      />
      {say.isError && <ProblemNote error={say.error} />}
      <span>
        <Button type="submit" disabled={!words.trim()} loading={say.isPending}>
          Say it
        </Button>
      </span>
    </form>
  );
}
