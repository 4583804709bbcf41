import { Button, NativeSelect, Textarea } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Note, Task } from "../api/types";
import { ago, clock } from "../clock/words";
import { useNow } from "../clock/useNow";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import styles from "./Context.module.css";
import { useTellAgents } from "./queries";
import { NOTE_KINDS, type NoteKind, noteWords } from "./words";

/** What was learned on a task, for whoever works on it next: by agents, and by the person. */
export function Notes({ task, notes }: { task: Task; notes: Note[] }) {
  const now = useNow(30);
  return (
    <section className={styles.part} aria-labelledby="notes">
      <h3 id="notes">Notes for the next agent</h3>
      {notes.length === 0 && <p className={styles.facts}>None yet. Agents leave what they decided and what is open.</p>}
      <ul className={styles.notes}>
        {notes.map((note) => (
          <li key={note.id} className={styles.note}>
            <span className={styles.facts}>
              <Tag>{noteWords(note.kind)}</Tag> {note.author === "person" ? "you" : note.author}{" "}
              <time dateTime={note.created_at} title={clock(note.created_at)}>
                {ago(note.created_at, now)}
              </time>
            </span>
            <span className={styles.words}>{note.text}</span>
          </li>
        ))}
      </ul>
      <NewNote task={task} />
    </section>
  );
}

function NewNote({ task }: { task: Task }) {
  const [kind, setKind] = useState<NoteKind>("notes");
  const [words, setWords] = useState("");
  const tell = useTellAgents(task.id);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (words.trim()) tell.mutate({ [kind]: [words.trim()] }, { onSuccess: () => setWords("") });
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <Textarea
        aria-label="A note for the next agent"
        placeholder="What the next agent should know"
        autosize
        minRows={1}
        maxRows={8}
        maxLength={2_000}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      {tell.isError && <ProblemNote error={tell.error} />}
      <span className={styles.bar}>
        <NativeSelect
          size="xs"
          aria-label="Kind of the note"
          data={NOTE_KINDS}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as NoteKind)}
        />
        <Button type="submit" variant="default" disabled={!words.trim()} loading={tell.isPending}>
          Keep it
        </Button>
      </span>
    </form>
  );
}
