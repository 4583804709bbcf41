import { SegmentedControl, Textarea } from "@mantine/core";
import { type KeyboardEvent, type SyntheticEvent, useId, useRef, useState } from "react";
import type { ChatMessage } from "../api/types";
import { AddFiles } from "../attachment/AddFiles";
import { ChosenFiles } from "../attachment/ChosenFiles";
import { useLimits } from "../attachment/queries";
import { useDrop } from "../attachment/useDrop";
import { useFiles } from "../attachment/useFiles";
import { ProblemNote } from "../problem/ProblemNote";
import { useAsk } from "../request/queries";
import { hasPicture, visionKept } from "../request/vision";
import { TooLong } from "../request/TooLong";
import VisionChoice from "../request/VisionChoice";
import { type Kind, KINDS, tooLong } from "../request/words";
import { Key } from "../tag/Key";
import frame from "../request/Box.module.css";
import styles from "./Composer.module.css";
import { isWhole, type Offer } from "./completion";
import { Completion, useCompletion } from "./Completion";
import { draftIn, keepDraftIn } from "./draft";
import { filesStay, type Meaning, meaningOf } from "./meaning";
import { type ThreadPlace, useEditQuestion, useSay } from "./queries";
import { INVITES, SENDS } from "./words";

interface Props {
  place: ThreadPlace;
  taskKey: string | null;
  /** The person's last words here, which ↑ brings back. */
  last: ChatMessage | null;
  /** Ends the answer that is being made, if there is one. */
  stop: (() => void) | null;
}

/** Where the person writes: a question, a command, or a request with files. The words stay until the hub has them. */
export function Composer({ place, taskKey, last, stop }: Props) {
  const limits = useLimits().data;
  const [text, setText] = useState(() => draftIn(place));
  const [chosen, setChosen] = useState<Meaning | null>(null);
  const [kind, setKind] = useState<Kind>("idea");
  const [vision, setVision] = useState<string | null | undefined>(undefined);
  const [editing, setEditing] = useState<ChatMessage | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  const files = useFiles(limits);
  const drop = useDrop((more) => void files.add(more));
  const leave = () => {
    setEditing(null);
    setText("");
    keepDraftIn(place, "");
  };
  const sent = (went: File[] = []) => {
    leave();
    setChosen(null);
    files.leaveOut(went);
    setKind("idea");
  };
  const [say, edit, ask] = [useSay(place, sent), useEditQuestion(sent), useAsk(sent)];
  const [caret, setCaret] = useState(text.length);
  const completion = useCompletion(text, caret, place.project);
  const carried = files.files.length + files.coming;
  const guessed = meaningOf(text, place.task !== null, carried);
  const meaning = guessed === "command" || editing !== null ? (editing ? "question" : guessed) : (chosen ?? guessed);
  const stay = filesStay(meaning, carried);
  const long = meaning === "request" && limits ? tooLong(text, limits.text_characters) : null;
  const eyes = limits?.vision_models ?? [];
  const seer = vision === undefined ? visionKept(eyes) : vision;
  const pending = say.isPending || edit.isPending || ask.isPending;
  const failed = [say, edit, ask].find(({ isError }) => isError)?.error;

  const write = (words: string) => {
    setText(words);
    keepDraftIn(place, editing === null ? words : "");
    if (!words) setChosen(null);
    for (const one of [say, edit, ask]) one.reset();
  };
  const send = () => {
    const words = text.trim();
    if (!words || long !== null || stay !== null || pending) return;
    if (editing !== null) edit.mutate({ id: editing.id, version: editing.version, text: words });
    else if (meaning === "request") {
      const asked = { project_id: place.project, text: words, kind, single: false, vision_model: seer };
      ask.mutate({ asked, files: files.all() });
    } else say.mutate(words);
  };
  const recall = () => {
    if (last === null) return;
    setText(last.text);
    if (last.kind === "question") setEditing(last);
  };
  const complete = (offer: Offer) => {
    write(offer.text);
    setCaret(offer.caret);
    box.current?.focus();
    requestAnimationFrame(() => box.current?.setSelectionRange(offer.caret, offer.caret)); // once it is drawn
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const open = completion.found.length > 0;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      completion.step(event.key === "ArrowDown" ? 1 : -1);
    } else if (open && event.key === "Tab" && !event.shiftKey && completion.marked) {
      event.preventDefault();
      complete(completion.marked);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      const marked = completion.marked;
      if (open && marked && !isWhole(marked, text, caret)) complete(marked);
      else send();
    } else if (event.key === "ArrowUp" && text === "") {
      event.preventDefault();
      recall();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (open) completion.close();
      else if (editing !== null) leave();
      else stop?.();
    }
  };
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    send();
  };
  const marked = completion.found.length > 0 ? completion.marked : null;
  return (
    <form className={`${frame.box} ${styles.box}`} onSubmit={onSubmit} aria-label="Write in the chat" {...drop}>
      {editing !== null && (
        <p className={styles.editing}>
          You edit your question; its answer is made anew. <Key>Esc</Key> leaves it as it is.
        </p>
      )}
      {marked && <Completion id={list} {...completion} choose={complete} />}
      <div className={frame.line}>
        <Textarea
          ref={box}
          className={frame.words}
          classNames={{ input: frame.input }}
          variant="unstyled"
          aria-label="Write in the chat"
          role={marked ? "combobox" : undefined}
          aria-expanded={marked ? true : undefined}
          aria-controls={marked ? list : undefined}
          aria-activedescendant={marked ? `${list}-${marked.id}` : undefined}
          placeholder={taskKey === null ? INVITES.project : INVITES.task(taskKey)}
          autosize
          minRows={1}
          maxRows={10}
          value={text}
          onChange={(event) => {
            setCaret(event.currentTarget.selectionStart);
            write(event.currentTarget.value);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          readOnly={pending}
        />
        <button type="submit" className={frame.send} disabled={!text.trim() || long !== null || stay !== null}>
          <Key>{pending ? "sending" : "Enter"}</Key>
          <span className={text.trim() ? styles.means : "wf-hidden"}> {SENDS[meaning]}</span>
        </button>
      </div>
      {carried + files.refused.length > 0 && <ChosenFiles chosen={files} />}
      {stay !== null && (
        <p className={frame.long} role="alert">
          {stay}
        </p>
      )}
      {long !== null && <TooLong sentence={long} text={text} add={files.add} write={write} />}
      {failed !== undefined && <ProblemNote error={failed} />}
      {editing === null && meaning !== "command" && (text.trim() !== "" || carried > 0) && (
        <div className={styles.choices}>
          <SegmentedControl
            size="xs"
            transitionDuration={0}
            aria-label="What your words are"
            data={[
              { value: "question", label: "Question" },
              { value: "request", label: "Request" },
            ]}
            value={meaning}
            onChange={(value) => setChosen(value === "request" ? "request" : "question")}
          />
          {meaning === "request" && (
            <SegmentedControl
              size="xs"
              transitionDuration={0}
              aria-label="What it is"
              data={KINDS}
              value={kind}
              onChange={(value) => setKind(value)}
            />
          )}
          {meaning === "request" && hasPicture(files.files) && (
            <VisionChoice allowed={eyes} chosen={seer} choose={setVision} />
          )}
          {meaning === "question" && carried > 0 && (
            <span className={frame.hint}>Files go along with requests only.</span>
          )}
        </div>
      )}
      <div className={styles.foot}>
        <AddFiles add={(more) => void files.add(more)} />
        <span className={`${frame.hint} ${frame.wide}`}>
          <Key>Shift Enter</Key> new line · <Key>↑</Key> your last words · <Key>/</Key> commands
        </span>
      </div>
    </form>
  );
}
