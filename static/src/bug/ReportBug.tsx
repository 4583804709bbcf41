import { Button, FileButton, Group, Modal, NativeSelect, Stack, Textarea } from "@mantine/core";
import { type ClipboardEvent, type SyntheticEvent, useState } from "react";
import { Problem } from "../api/problem";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone, tellProblem } from "../problem/tell";
import { useProject, useProjects } from "../project/queries";
import { capturePage } from "./capture";
import { Picture } from "./Picture";
import { seenHere, useBugPicture, useReportBug } from "./queries";
import styles from "./ReportBug.module.css";
import { pictureAmong, PICTURES } from "./words";

const MOST_UNDONE = 10;
const NO_PICTURE = new Problem(
  0,
  "no_picture",
  "This browser could not take a picture of the page.",
  "Take one with the system's own means, and paste or choose it.",
);

export function ReportBug({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Modal opened={opened} onClose={close} title="Report a bug" size={520}>
      <Form close={close} />
    </Modal>
  );
}

function Form({ close }: { close: () => void }) {
  const [seen] = useState(seenHere);
  const [text, setText] = useState("");
  const [drawn, setDrawn] = useState<File[]>([]); // the picture, with what it was before each stroke
  const picture = drawn.at(-1) ?? null;
  const setPicture = (file: File) => setDrawn([file]);
  const [taking, setTaking] = useState(false);
  const [redrawing, setRedrawing] = useState(false); // as long as it is, what will be sent is not what was meant
  const takePicture = () => {
    setTaking(true);
    capturePage()
      .then(setPicture, () => tellProblem(NO_PICTURE))
      .finally(() => setTaking(false));
  };
  const change = async (coming: Promise<File>) => {
    setRedrawing(true);
    try {
      const file = await coming;
      setDrawn((before) => (before.at(-1) === picture ? [...before.slice(-MOST_UNDONE), file] : before));
      return true;
    } catch (error) {
      tellProblem(error);
      return false;
    } finally {
      setRedrawing(false);
    }
  };
  const [about, setAbout] = useState("");
  const project = useProject();
  const projects = useProjects();
  const report = useReportBug();
  const attach = useBugPicture();
  const done = (bug: number) => {
    close();
    tellDone(`Bug ${bug} is reported. Thank you.`);
  };
  const send = async () => {
    const bug =
      report.data ?? (await report.mutateAsync({ text: text.trim(), project: about ? Number(about) : null, seen }));
    if (picture !== null) await attach.mutateAsync({ bug, picture });
    done(bug);
  };
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    send().catch(() => undefined); // shown below, where it stands
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = pictureAmong(event.clipboardData.files);
    if (pasted === null) return;
    event.preventDefault();
    setPicture(pasted);
  };
  const reported = report.data;
  return (
    <form onSubmit={onSubmit} onPaste={onPaste}>
      <Stack gap="sm">
        <Textarea
          label="What went wrong?"
          description="What you did, what you saw, what you had expected."
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autosize
          minRows={4}
          maxRows={12}
          maxLength={20_000}
          disabled={reported !== undefined}
          data-autofocus
          required
        />
        <NativeSelect
          label="Where does it belong?"
          value={about}
          onChange={(event) => setAbout(event.currentTarget.value)}
          disabled={reported !== undefined}
          data={[
            { value: "", label: "Workflow Hub itself" },
            ...(projects.data ?? [])
              .filter((one) => project == null || one.id === project.id)
              .map((one) => ({ value: String(one.id), label: `The project ${one.name}` })),
          ]}
        />
        {picture !== null && (
          <Picture
            file={picture}
            change={change}
            busy={redrawing}
            undo={drawn.length > 1 && !redrawing ? () => setDrawn((before) => before.slice(0, -1)) : undefined}
            remove={() => setDrawn([])}
          />
        )}
        <Group gap="xs">
          <Button variant="default" onClick={takePicture} loading={taking}>
            Picture of this page
          </Button>
          <FileButton accept={PICTURES.join(",")} onChange={(file) => file && setPicture(file)}>
            {(props) => (
              <Button variant="default" {...props}>
                {picture === null ? "Add a screenshot" : "Another screenshot"}
              </Button>
            )}
          </FileButton>
          <span className={styles.hint}>or paste one here</span>
        </Group>
        <dl className={styles.seen}>
          <dt>Page</dt>
          <dd>{seen.page}</dd>
          <dt>Browser</dt>
          <dd>
            {seen.browser}, {seen.window}
          </dd>
        </dl>
        {report.isError && <ProblemNote error={report.error} />}
        {attach.isError && (
          <>
            <p role="status">Bug {reported} is reported, but its screenshot was not taken:</p>
            <ProblemNote error={attach.error} />
          </>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {reported === undefined ? "Cancel" : "Leave it out"}
          </Button>
          <Button type="submit" loading={report.isPending || attach.isPending || redrawing} disabled={!text.trim()}>
            {reported === undefined ? "Report bug" : "Send the screenshot again"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
