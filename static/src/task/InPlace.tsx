import { Button, Group, Textarea, UnstyledButton } from "@mantine/core";
import type { KeyboardEvent, ReactNode } from "react";
import styles from "./InPlace.module.css";
import { type Editable, useInPlace } from "./useInPlace";

interface Props extends Editable {
  label: string;
  maxLength: number;
  required?: boolean;
  /** Enter saves: for what is one line. */
  oneLine?: boolean;
  description?: string;
  /** Said in place of an empty text. */
  nothing?: string;
  children: ReactNode;
}

/** A text where it stands; a click on its pencil makes it a field. Ctrl+Enter saves, Escape leaves it as it was. */
export function InPlace({ label, maxLength, required, oneLine = false, description, nothing, children, ...of }: Props) {
  const { draft, saving, begin, end, change, keep } = useInPlace(of);
  if (draft === null)
    return (
      <div className={styles.shown}>
        <div className={styles.text}>{of.value ? children : <span className={styles.none}>{nothing}</span>}</div>
        <UnstyledButton className={styles.pencil} onClick={begin} aria-label={`Edit ${label.toLowerCase()}`}>
          Edit
        </UnstyledButton>
      </div>
    );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.preventDefault();
      end();
    }
    if (event.key === "Enter" && (oneLine || event.ctrlKey || event.metaKey) && draft.words.trim()) {
      event.preventDefault();
      void keep();
    }
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void keep();
      }}
    >
      {draft.theirs !== null && <Theirs label={label} words={draft.theirs} take={end} />}
      <Textarea
        label={draft.theirs === null ? undefined : `Your ${label.toLowerCase()}`}
        aria-label={label}
        description={description}
        autosize
        minRows={oneLine ? 1 : 3}
        maxRows={24}
        maxLength={maxLength}
        autoFocus
        value={draft.words}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Group gap="xs">
        <Button type="submit" loading={saving} disabled={required === true && !draft.words.trim()}>
          {draft.theirs === null ? "Save" : "Save mine over it"}
        </Button>
        <Button variant="default" onClick={end}>
          {draft.theirs === null ? "Cancel" : "Leave theirs"}
        </Button>
      </Group>
    </form>
  );
}

/** What another wrote meanwhile, above one's own words. */
export function Theirs({ label, words, take }: { label: string; words: string; take: () => void }) {
  return (
    <div className={styles.theirs} role="alert">
      <p>
        <b>{label} was changed while you wrote.</b> This stands now; your words are below and nothing of them is lost.
      </p>
      <pre tabIndex={0}>{words || "(empty)"}</pre>
      <Button size="compact-xs" variant="default" onClick={take}>
        Take this one
      </Button>
    </div>
  );
}
