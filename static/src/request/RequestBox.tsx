import { Select, Textarea } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { useProject, useProjects } from "../project/queries";
import { Key } from "../tag/Key";
import { draftOf, keepDraft } from "./draft";
import { useAsk } from "./queries";
import styles from "./RequestBox.module.css";

/** Where the person says what they want. The words stay until the hub has them. */
export function RequestBox() {
  const project = useProject();
  const projects = useProjects();
  const [text, setText] = useState(draftOf);
  const [chosen, setChosen] = useState<string | null>(null);
  const [unsaid, setUnsaid] = useState(false);
  const ask = useAsk();
  const target = project?.id ?? (chosen === null ? null : Number(chosen));
  const write = (words: string) => {
    setText(words);
    keepDraft(words);
  };
  const send = () => {
    if (!text.trim() || ask.isPending) return;
    if (target === null) {
      setUnsaid(true);
      return;
    }
    ask.mutate({ project_id: target, text: text.trim() }, { onSuccess: () => write("") });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className={styles.box}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Textarea
        className={styles.words}
        classNames={{ input: styles.input }}
        variant="unstyled"
        aria-label="What should the team do next?"
        placeholder="What should the team do next?"
        autosize
        minRows={1}
        maxRows={10}
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        readOnly={ask.isPending}
        maxLength={20_000}
      />
      {project === null && (
        <Select
          size="xs"
          aria-label="Project of the request"
          placeholder="Which project?"
          data={projects.data?.map((each) => ({ value: String(each.id), label: each.name })) ?? []}
          value={chosen}
          error={unsaid && chosen === null ? "Say for which project." : undefined}
          onChange={setChosen}
        />
      )}
      <button type="submit" className={styles.send} disabled={!text.trim()}>
        <Key>Enter</Key>
        <span className="wf-hidden"> sends the request</span>
      </button>
    </form>
  );
}
