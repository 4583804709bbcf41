import { Button, NativeSelect, Textarea } from "@mantine/core";
import { type KeyboardEvent, type SyntheticEvent, useState } from "react";
import type { ReviewComment } from "../api/types";
import { ago, clock } from "../clock/words";
import { useNow } from "../clock/useNow";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import styles from "./LineNotes.module.css";
import type { LineAt } from "./places";
import { useDropNote, useEditNote, useNote } from "./review";
import { noteState } from "./words";

const SEVERITIES = [
  { value: "low", label: "small" },
  { value: "medium", label: "has to be mended" },
  { value: "high", label: "serious" },
];

interface NewProps extends LineAt {
  taskId: number;
  patchId: string;
  path: string;
  close: () => void;
}

/** A word to a line of the change: kept as a draft until the review is sent to DEV. */
export function NewNote({ taskId, patchId, path, side, line, close }: NewProps) {
  const [text, setText] = useState("");
  const [severity, setSeverity] = useState("medium");
  const note = useNote(taskId);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!text.trim() || note.isPending) return;
    const draft = { patch_id: patchId, path, side, line, end_line: null, text: text.trim(), severity } as const;
    note.mutate(draft as Parameters<typeof note.mutate>[0], { onSuccess: close });
  };
  return (
    <form className={styles.note} onSubmit={send}>
      <Words label={`What about line ${line}?`} text={text} change={setText} leave={close} send={send} />
      {note.isError && <ProblemNote error={note.error} />}
      <span className={styles.bar}>
        <Button type="submit" disabled={!text.trim()} loading={note.isPending}>
          Keep for the review
        </Button>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <NativeSelect
          size="xs"
          aria-label="How much it matters"
          data={SEVERITIES}
          value={severity}
          onChange={(event) => setSeverity(event.currentTarget.value)}
        />
      </span>
    </form>
  );
}

/** What was said to a line, and what came of it. */
export function OldNote({ note }: { note: ReviewComment }) {
  const [editing, setEditing] = useState(false);
  const now = useNow(60);
  const drop = useDropNote(note);
  const [words, tone] = noteState(note);
  const draft = note.state === "draft";
  return (
    <article className={styles.note} data-note={note.id} tabIndex={-1} aria-label={`Comment on line ${note.line}`}>
      <p className={styles.head}>
        <b>{note.author === "person" ? "You" : note.author}</b>
        <time dateTime={note.created_at} title={clock(note.created_at)}>
          {ago(note.created_at, now)}
        </time>
        <Tag tone={tone}>{words}</Tag>
        {note.outdated && <Tag title="The change is another one since">of an earlier version</Tag>}
      </p>
      {editing ? <EditNote note={note} close={() => setEditing(false)} /> : <p className={styles.words}>{note.text}</p>}
      {note.outdated && note.quote && <pre className={styles.quote}>{note.quote}</pre>}
      {drop.isError && <ProblemNote error={drop.error} />}
      {draft && !editing && (
        <span className={styles.bar}>
          <Button size="compact-xs" variant="default" onClick={() => setEditing(true)}>
            Edit
          </Button>
          <Button size="compact-xs" variant="default" loading={drop.isPending} onClick={() => drop.mutate()}>
            Delete
          </Button>
        </span>
      )}
    </article>
  );
}

function EditNote({ note, close }: { note: ReviewComment; close: () => void }) {
  const [text, setText] = useState(note.text);
  const edit = useEditNote(note);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (text.trim()) edit.mutate({ text: text.trim(), version: note.version }, { onSuccess: close });
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <Words label={`Comment on line ${note.line}`} text={text} change={setText} leave={close} send={send} />
      {edit.isError && <ProblemNote error={edit.error} />}
      <span className={styles.bar}>
        <Button type="submit" disabled={!text.trim()} loading={edit.isPending}>
          Save
        </Button>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
      </span>
    </form>
  );
}

interface WordsProps {
  label: string;
  text: string;
  change: (text: string) => void;
  leave: () => void;
  send: (event: SyntheticEvent) => void;
}

function Words({ label, text, change, leave, send }: WordsProps) {
  return (
    <Textarea
      aria-label={label}
      placeholder={label}
      autosize
      minRows={2}
      maxLength={10_000}
      autoFocus
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(event);
        if (event.key !== "Escape") return;
        event.preventDefault();
        leave();
      }}
    />
  );
}
