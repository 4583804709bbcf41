import { TagsInput, TextInput } from "@mantine/core";
import { fileCount, type Found, frameworksOf, languagesWords, notesOf, type Settings } from "./found";
import styles from "./Found.module.css";

const COMMANDS: { name: "test" | "lint" | "e2e" | "setup"; label: string; hint: string }[] = [
  { name: "test", label: "Tests", hint: "Its exit code and report decide at QA." },
  { name: "lint", label: "Lint", hint: "" },
  { name: "e2e", label: "Tests after a merge", hint: "" },
  { name: "setup", label: "Set-up", hint: "Builds what the tests need, once for each change of its lock files." },
];

interface Props {
  settings: Settings;
  found: Found;
  set: (some: Partial<Found>) => void;
}

/** What the files told, each of it to be corrected. */
export function FoundFields({ settings, found, set }: Props) {
  const frameworks = frameworksOf(settings);
  const notes = notesOf(settings);
  return (
    <section className={styles.found} aria-label="What was found">
      <p className={styles.facts}>
        {fileCount(settings) === 0
          ? "There are no files yet: nothing was found."
          : [`${fileCount(settings)} files`, languagesWords(settings), frameworks.join(", ")]
              .filter(Boolean)
              .join(" · ")}
      </p>
      {notes.length > 0 && (
        <ul className={styles.notes}>
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <div className={styles.pair}>
        <TextInput
          label="Language"
          maxLength={100}
          value={found.language}
          onChange={(event) => set({ language: event.currentTarget.value })}
        />
        <TagsInput
          label="Package managers"
          maxTags={50}
          value={found.managers}
          onChange={(managers) => set({ managers })}
        />
      </div>
      {COMMANDS.map(({ name, label, hint }) => (
        <TextInput
          key={name}
          label={label}
          description={hint || undefined}
          placeholder="None"
          classNames={{ input: styles.command ?? "" }}
          value={found[name]}
          onChange={(event) => set({ [name]: event.currentTarget.value })}
        />
      ))}
      <TagsInput
        label="Entry points"
        description="Where reading begins; agents are told."
        maxTags={100}
        value={found.entries}
        onChange={(entries) => set({ entries })}
      />
    </section>
  );
}
