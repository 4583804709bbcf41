import { Textarea } from "@mantine/core";
import { type KeyboardEvent, type SyntheticEvent, useEffect, useState, useSyncExternalStore } from "react";
import { useLimits } from "../attachment/queries";
import { useDrop } from "../attachment/useDrop";
import { useFiles } from "../attachment/useFiles";
import { whenIdle } from "../part/late";
import { part } from "../part/part";
import { ProblemNote } from "../problem/ProblemNote";
import { useProject } from "../project/queries";
import { Key } from "../tag/Key";
import { draftOf, keepDraft, onDraft } from "./draft";
import { useAsk } from "./queries";
import frame from "./Box.module.css";
import styles from "./RequestBox.module.css";
import { TooLong } from "./TooLong";
import { hasPicture, visionKept } from "./vision";
import { INVITATIONS, type Kind, tooLong } from "./words";

const VisionChoice = part(() => import("./VisionChoice"));
const Choices = part(() => import("./Choices"));
const ChosenFiles = part(async () => ({ default: (await import("../attachment/ChosenFiles")).ChosenFiles }));

/** Where the person says what they want, with pictures and files. The words stay until the hub has them. */
export function RequestBox() {
  const project = useProject();
  const limits = useLimits().data;
  const text = useSyncExternalStore(onDraft, draftOf);
  const [kind, setKind] = useState<Kind>("idea");
  const [single, setSingle] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const [vision, setVision] = useState<string | null | undefined>(undefined);
  const [unsaid, setUnsaid] = useState(false);
  // the choices stay once they were seen: going with the focus, they would pull away what is clicked below
  const [looked, setLooked] = useState(text !== "");
  useEffect(() => whenIdle(Choices.preload), []);
  const files = useFiles(limits);
  const drop = useDrop((more) => void files.add(more));
  const ask = useAsk((sent) => {
    keepDraft("");
    files.leaveOut(sent);
    setKind("idea");
    setSingle(false);
  });
  const eyes = limits?.vision_models ?? [];
  const seer = vision === undefined ? visionKept(eyes) : vision;
  const target = project?.id ?? (chosen === null ? null : Number(chosen));
  const long = limits ? tooLong(text, limits.text_characters) : null;
  const write = (words: string) => {
    keepDraft(words);
    ask.reset();
  };
  const send = () => {
    if (!text.trim() || long !== null || ask.isPending) return;
    setUnsaid(target === null);
    if (target === null) return;
    const asked = { project_id: target, text: text.trim(), kind, single, vision_model: seer };
    ask.mutate({ asked, files: files.all() });
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
  const carries = files.files.length + files.coming + files.refused.length > 0;
  return (
    <form
      className={`${frame.box} ${styles.box}`}
      onSubmit={onSubmit}
      data-shown={looked || carries || undefined}
      onFocus={() => setLooked(true)}
      aria-label="Request"
      {...drop}
    >
      <div className={frame.line}>
        <Textarea
          className={frame.words}
          classNames={{ input: frame.input }}
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
        <button type="submit" className={frame.send} disabled={!text.trim() || long !== null}>
          <Key>{ask.isPending ? "sending" : "Enter"}</Key>
          <span className="wf-hidden"> sends the request</span>
        </button>
      </div>
      {carries && <ChosenFiles chosen={files} />}
      {long !== null && <TooLong sentence={long} text={text} add={files.add} write={write} />}
      {ask.isError && <ProblemNote error={ask.error} />}
      <div className={styles.choices}>
        {looked && (
          <Choices
            {...{ kind, setKind, single, setSingle, chosen, setChosen, unsaid }}
            add={(more) => void files.add(more)}
          />
        )}
        {hasPicture(files.files) && <VisionChoice allowed={eyes} chosen={seer} choose={setVision} />}
      </div>
    </form>
  );
}
