import { Button, Group, Textarea } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import { begunOf, keepBegun } from "./principles";
import styles from "./Roles.module.css";

interface Props {
  /** By this name what was begun is kept over a reload. */
  whose: string;
  label: string;
  description: string;
  placeholder?: string;
  text: string;
  version: number;
  save: (text: string, done: () => void) => void;
  saving: boolean;
  error: unknown;
}

/** One text with a version: edited, saved, and never saved over one that came meanwhile without a word. */
export function WordsForm({ whose, label, description, placeholder, text, version, save, saving, error }: Props) {
  const [begun, setBegun] = useState(() => begunOf(whose));
  const changed = begun !== null && begun.text !== text;
  const overtaken = changed && begun.base !== version;
  const put = (next: string | null, base = begun?.base ?? version) => {
    const kept = next === null || (next === text && base === version) ? null : { base, text: next };
    setBegun(kept);
    keepBegun(whose, kept);
  };
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (changed && !overtaken) save(begun.text, () => put(null));
  };
  return (
    <form className={styles.form} onSubmit={send} aria-label={label}>
      <Textarea
        label={label}
        description={description}
        {...(placeholder !== undefined && { placeholder })}
        autosize
        minRows={4}
        maxRows={30}
        maxLength={20_000}
        readOnly={saving}
        value={begun?.text ?? text}
        onChange={(event) => put(event.currentTarget.value)}
      />
      {error !== null && !overtaken && <ProblemNote error={error} />}
      {overtaken && (
        <div className={styles.note} role="status">
          <p>
            Version {version} was saved meanwhile; yours began from version {begun.base}.
          </p>
          <Group gap="xs">
            <Button onClick={() => put(begun.text, version)}>Go on with mine</Button>
            <Button variant="default" onClick={() => put(null)}>
              Take version {version}
            </Button>
          </Group>
        </div>
      )}
      {changed && !overtaken && (
        <div className={styles.save}>
          <Tag tone="wait">not saved</Tag>
          <Group gap="xs">
            <Button variant="default" onClick={() => put(null)}>
              Discard
            </Button>
            <Button type="submit" loading={saving}>
              Save
            </Button>
          </Group>
        </div>
      )}
    </form>
  );
}
