import { Button, Checkbox, SegmentedControl, Select, Textarea } from "@mantine/core";
import { type KeyboardEvent, type SyntheticEvent, useState } from "react";
import { AddFiles } from "../attachment/AddFiles";
import { ChosenFiles } from "../attachment/ChosenFiles";
import { useLimits } from "../attachment/queries";
import { useDrop } from "../attachment/useDrop";
import { useFiles } from "../attachment/useFiles";
import { ProblemNote } from "../problem/ProblemNote";
import { useProject, useProjects } from "../project/queries";
import { Key } from "../tag/Key";
import { draftOf, keepDraft } from "./draft";
import { useAsk } from "./queries";
import styles from "./RequestBox.module.css";
import { asFile, INVITATIONS, type Kind, KINDS, tooLong } from "./words";

/** Where the person says what they want, with pictures and files. The words stay until the hub has them. */
export function RequestBox() {
  const project = useProject();
  const projects = useProjects();
  const limits = useLimits().data;
  const [text, setText] = useState(draftOf);
  const [kind, setKind] = useState<Kind>("idea");
  const [single, setSingle] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const [unsaid, setUnsaid] = useState(false);
  // the choices stay once they were seen: going with the focus, they would pull away what is clicked below
  const [looked, setLooked] = useState(false);
  const files = useFiles(limits);
  const drop = useDrop((more) => void files.add(more));
  const ask = useAsk();
  const target = project?.id ?? (chosen === null ? null : Number(chosen));
  const long = limits ? tooLong(text, limits.text_characters) : null;
  const write = (words: string) => {
    setText(words);
    keepDraft(words);
    ask.reset();
  };
  const send = () => {
    if (!text.trim() || long !== null || ask.isPending) return;
    setUnsaid(target === null);
    if (target === null) return;
    const asked = { project_id: target, text: text.trim(), kind, single };
    ask.mutate(
      { asked, files: files.files },
      {
        onSuccess: () => {
          write("");
          files.clear();
          setKind("idea");
          setSingle(false);
        },
      },
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    send();
  };
  const shown = looked || text !== "" || files.files.length > 0 || files.refused.length > 0;
  return (
    <form
      className={styles.box}
      onSubmit={onSubmit}
      data-shown={shown || undefined}
      onFocus={() => setLooked(true)}
      aria-label="Request"
      {...drop}
    >
      <div className={styles.line}>
        <Textarea
          className={styles.words}
          classNames={{ input: styles.input }}
          variant="unstyled"
          aria-label="What should the team do next?"
          placeholder={INVITATIONS[kind]}
          autosize
          minRows={1}
          maxRows={10}
          value={text}
          onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          readOnly={ask.isPending}
        />
        <button type="submit" className={styles.send} disabled={!text.trim() || long !== null}>
          <Key>{ask.isPending ? "sending" : "Enter"}</Key>
          <span className="wf-hidden"> sends the request</span>
        </button>
      </div>
      <ChosenFiles chosen={files} />
      {long !== null && (
        <div className={styles.long} role="alert">
          <span>{long}</span>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              const { text: short, file } = asFile(text);
              void files.add([file]);
              write(short);
            }}
          >
            Send it as a file
          </Button>
        </div>
      )}
      {ask.isError && <ProblemNote error={ask.error} />}
      <div className={styles.choices}>
        <SegmentedControl
          size="xs"
          transitionDuration={0}
          classNames={{ label: styles.kind }}
          aria-label="What it is"
          data={KINDS}
          value={kind}
          onChange={(value) => setKind(value)}
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
        <AddFiles add={(more) => void files.add(more)} />
        <span className={styles.hint}>or drop and paste them here</span>
        <Checkbox
          className={styles.single}
          size="xs"
          label="One task is enough"
          checked={single}
          onChange={(event) => setSingle(event.currentTarget.checked)}
        />
      </div>
    </form>
  );
}
