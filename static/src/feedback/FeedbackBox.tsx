import { Button, Textarea } from "@mantine/core";
import { type KeyboardEvent, type SyntheticEvent, useState } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone, tellProblem } from "../problem/tell";
import { begunWords, keepWords } from "../task/inPlace";
import { useListener, useTakeBack, useTellAgent } from "./queries";
import styles from "./Feedback.module.css";

/** Tell the agents of a task something now. It says beforehand who hears it when; words that were begun survive. */
export default function FeedbackBox({ taskId }: { taskId: number }) {
  const kept = `${taskId}.feedback`;
  const [words, setWords] = useState(() => begunWords(kept) ?? "");
  const [open, setOpen] = useState(words !== "");
  const listener = useListener(taskId);
  const change = (text: string) => {
    setWords(text);
    keepWords(kept, text || null);
  };
  const tell = useTellAgent(taskId, (said) => {
    change("");
    setOpen(false);
    tellDone(said);
  });
  if (listener.data === undefined) return null;
  const { limit, sentence, waiting, will } = listener.data;
  const over = words.trim().length - limit;

  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!words.trim() || over > 0 || tell.isPending) return;
    tell.mutate(words.trim());
  };

  return (
    <section className={styles.box} aria-label="Tell the agent" data-live={will !== "next_turn" || undefined}>
      {waiting.map((said) => (
        <Waiting key={said.id} taskId={taskId} id={said.id} text={said.body} told={said.feedback === "told"} />
      ))}
      {open ? (
        <form onSubmit={send} className={styles.form}>
          <Textarea
            label="Tell the agent"
            description={sentence}
            autosize
            minRows={2}
            maxRows={10}
            autoFocus
            value={words}
            error={over > 0 ? `${over} characters too many: ${limit} at most in one go.` : undefined}
            onChange={(event) => change(event.currentTarget.value)}
            onKeyDown={(event: KeyboardEvent) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(event);
              if (event.key === "Escape") {
                event.preventDefault();
                setOpen(false);
              }
            }}
          />
          {tell.isError && <ProblemNote error={tell.error} />}
          <div className={styles.acts}>
            <Button size="xs" variant="default" onClick={() => setOpen(false)}>
              Later
            </Button>
            <Button size="xs" type="submit" disabled={!words.trim() || over > 0} loading={tell.isPending}>
              Tell it
            </Button>
          </div>
        </form>
      ) : (
        <p className={styles.line}>
          <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
            Tell the agent …
          </Button>
          <span>{sentence}</span>
        </p>
      )}
    </section>
  );
}

function Waiting({ taskId, id, text, told }: { taskId: number; id: number; text: string; told: boolean }) {
  const takeBack = useTakeBack(taskId);
  return (
    <p className={styles.waiting}>
      <span>
        <b>{told ? "Lies with the agent" : "Waits to be heard"}:</b> {text}
      </span>
      {!told && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          loading={takeBack.isPending}
          onClick={() => takeBack.mutate(id, { onError: tellProblem })}
        >
          Take it back
        </Button>
      )}
    </p>
  );
}
