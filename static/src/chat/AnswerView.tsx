import { Button } from "@mantine/core";
import type { MouseEvent, ReactNode } from "react";
import type { ChatMessage } from "../api/types";
import { Told } from "../markdown/Told";
import { readPlace } from "../place/place";
import { go, linkTo, usePlace } from "../place/usePlace";
import { Now } from "../tag/Now";
import { Tag } from "../tag/Tag";
import { useComing } from "./answerFeed";
import styles from "./Chat.module.css";
import { linked, placeOf } from "./cites";
import { useAnswerWord } from "./queries";
import { sourceWords } from "./words";

/** What the hub says to a question or a command, while it says it and afterwards. */
export function AnswerView({ answer }: { answer: ChatMessage }) {
  const word = useAnswerWord(answer.id);
  const act = (name: string, say: "stop" | "retry" | "confirm", tone: "filled" | "default" | "subtle" = "default") => (
    <Button size="compact-xs" variant={tone} loading={word.isPending} onClick={() => word.mutate(say)}>
      {name}
    </Button>
  );
  if (answer.state === "thinking") return <Coming answer={answer} stop={act("Stop", "stop")} />;
  const source = sourceWords(answer);
  return (
    <div className={styles.answer} data-state={answer.state}>
      {answer.state === "stopped" && <Tag tone="wait">stopped</Tag>}
      {answer.state === "failed" && <Tag tone="bad">{answer.told_by === "command" ? "not done" : "cut off"}</Tag>}
      {answer.text && <Words answer={answer} />}
      {answer.sentence && <p className={styles.sentence}>{answer.sentence}</p>}
      {answer.state === "asks" && (
        <p className={styles.acts}>
          {act("Yes, do it", "confirm", "filled")}
          {act("Leave it", "stop")}
        </p>
      )}
      {answer.told_by !== "command" && <Cites answer={answer} />}
      {answer.told_by !== "command" && answer.state !== "asks" && (
        <p className={styles.foot}>
          {source && <span>{source}</span>}
          {act(answer.state === "done" ? "Ask again" : "Retry", "retry", "subtle")}
        </p>
      )}
    </div>
  );
}

function Coming({ answer, stop }: { answer: ChatMessage; stop: ReactNode }) {
  const text = useComing(answer.id, answer.attempt);
  return (
    <div className={styles.answer} data-state="thinking">
      {text && <Told>{text}</Told>}
      <p className={styles.foot}>
        <Now>{text ? "writes" : "reads the record"}</Now>
        {stop}
      </p>
    </div>
  );
}

/** Links of an answer lead within the page; those that others wrote open elsewhere. */
function Words({ answer }: { answer: ChatMessage }) {
  const here = usePlace();
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (link.origin === window.location.origin && link.pathname === window.location.pathname)
      go(readPlace(link.search));
    else window.open(link.href, "_blank", "noopener,noreferrer");
  };
  return (
    <div onClick={onClick}>
      <Told>{linked(answer, here)}</Told>
    </div>
  );
}

function Cites({ answer }: { answer: ChatMessage }) {
  const here = usePlace();
  if (answer.cites.length === 0) return null;
  return (
    <ol className={styles.cites} aria-label="What it rests on">
      {answer.cites.map((cite) => (
        <li key={cite.ref}>
          <a {...linkTo(here, placeOf(cite))} title={cite.text}>
            {cite.label}
          </a>
        </li>
      ))}
    </ol>
  );
}
