import { useNow } from "../clock/useNow";
import { ago, clock } from "../clock/words";
import { AnswerView } from "./AnswerView";
import styles from "./Chat.module.css";
import { RequestView } from "./RequestView";
import type { Exchange } from "./words";

const KINDS: Record<string, string> = { request: "You asked for", question: "You asked", command: "You said" };

/** What a person said, and what came of it. */
export function ExchangeView({ said, answer }: Exchange) {
  const now = useNow(30);
  return (
    <li className={styles.exchange} data-kind={said.kind}>
      <div className={styles.said}>
        <p className={styles.who}>
          <b>{said.author === "person" ? (KINDS[said.kind] ?? "You") : said.author}</b>{" "}
          <time dateTime={said.created_at} title={clock(said.created_at)}>
            {ago(said.created_at, now)}
          </time>
          {said.edited_at !== null && <span> · edited</span>}
        </p>
        {said.kind === "command" ? (
          <code className={styles.command}>{said.text}</code>
        ) : (
          <p className={styles.text}>{said.text}</p>
        )}
      </div>
      {said.kind === "request" && said.request_id !== null && <RequestView said={said} />}
      {answer !== null && <AnswerView key={answer.attempt} answer={answer} />}
    </li>
  );
}
