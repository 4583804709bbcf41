import { Modal, Skeleton } from "@mantine/core";
import type { ModelCallDetail } from "../api/types";
import page from "../theme/Page.module.css";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import styles from "./Models.module.css";
import { useModelCall } from "./queries";
import { bodyWords, callCost, milliseconds, outcomeOf, sizeWords, tokensWords } from "./words";

/** One call with its question and its answer, as text: nothing of it is drawn. */
export function CallDialog({ id, close }: { id: number; close: () => void }) {
  const call = useModelCall(id);
  return (
    <Modal opened onClose={close} title={`Call ${id}`} size={860}>
      {call.isPending && <Skeleton height={240} aria-label="Loading" />}
      {call.isError && <ProblemNote error={call.error} again={() => void call.refetch()} />}
      {call.data && <Detail call={call.data} />}
    </Modal>
  );
}

function Detail({ call }: { call: ModelCallDetail }) {
  const [words, tone] = outcomeOf(call.outcome);
  const facts = [
    call.role,
    call.step,
    `${tokensWords(call.tokens_in)} tokens in, ${tokensWords(call.tokens_out)} out`,
    call.tokens_cached > 0 ? `${tokensWords(call.tokens_cached)} from the provider's cache` : "",
    callCost(call),
    call.first_byte_ms === null ? "" : `first token after ${milliseconds(call.first_byte_ms)}`,
    call.duration_ms === null ? "" : `took ${milliseconds(call.duration_ms)}`,
    call.tokens_per_second === null ? "" : `${call.tokens_per_second.toFixed(1)} tokens/s`,
    call.status_code === null ? "" : `status ${call.status_code}`,
  ];
  return (
    <div className={styles.said}>
      <p>
        <b>{call.model}</b> <Tag tone={tone}>{words}</Tag>
      </p>
      <p className={page.hint}>{facts.filter(Boolean).join(" · ")}</p>
      {call.error && <p role="alert">{call.error}</p>}
      {call.not_kept && <p className={page.hint}>{call.not_kept}</p>}
      <Body name="Question" text={call.request} size={call.request_bytes} />
      <Body name="Answer" text={call.response} size={call.response_bytes} />
    </div>
  );
}

function Body({ name, text, size }: { name: string; text: string | null; size: number | null }) {
  if (text === null) return null;
  return (
    <>
      <h3>
        {name} <span className={page.facts}>{sizeWords(size ?? 0)}, without secrets</span>
      </h3>
      <pre className={page.pre} tabIndex={0} aria-label={name}>
        {bodyWords(text) || "Nothing."}
      </pre>
    </>
  );
}
