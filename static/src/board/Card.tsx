import { useEffect, useRef } from "react";
import type { Card } from "../api/types";
import { duration, secondsBetween, waits } from "../clock/words";
import { costWords } from "../frame/words";
import { useNow } from "../clock/useNow";
import { useStandsStill } from "../control/queries";
import { useActivity } from "../live/activity";
import { linkTo, usePlace } from "../place/usePlace";
import { Now } from "../tag/Now";
import { Tag } from "../tag/Tag";
import { shortWait, stateWords } from "../task/words";
import styles from "./Card.module.css";
import { asideOf, badgesOf } from "./words";

/** `held`: a person carries it by keys, so many places down its column. */
export function BoardCard({ card, held }: { card: Card; held: number | null }) {
  const place = usePlace();
  const aside = asideOf(card);
  const chosen = place.task === card.id;
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (chosen) link.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [chosen]);
  return (
    <a
      ref={link}
      className={styles.card}
      data-state={card.state}
      data-task={card.key}
      data-task-id={card.id}
      data-held={held === null ? undefined : true}
      draggable={false}
      aria-describedby="card-keys"
      aria-current={chosen || undefined}
      {...linkTo(place, { task: card.id })}
    >
      <span className={styles.key}>
        <span>{card.key}</span> <span>{card.kind}</span>{" "}
        <span title={`Priority ${card.priority} of 10`}>P{card.priority}</span>
        {held !== null && <b>{held === 0 ? "held" : `${Math.abs(held)} ${held < 0 ? "up" : "down"}`}</b>}
        {Number(card.cost_usd) > 0 && <span className={styles.cost}>{costWords(card.cost_usd)}</span>}
      </span>
      <span className={styles.title}>{card.title}</span>
      <State card={card} />
      <span className={styles.row}>
        {badgesOf(card).map((badge) => (
          <Tag key={badge.words} tone={badge.tone} title={badge.title}>
            {badge.words}
          </Tag>
        ))}
        {aside && <span>{aside}</span>}
      </span>
    </a>
  );
}

function State({ card }: { card: Card }) {
  const now = useNow(15);
  const live = useActivity(card.current_run_id);
  const still = useStandsStill(card.project_id);
  if (card.paused_at !== null || card.held || (still && ["running", "queued"].includes(card.state))) {
    return (
      <span className={styles.row}>
        <Tag
          tone="wait"
          title={
            card.paused_at
              ? `Paused by ${card.paused_by ?? "a person"}`
              : "Its run is paused, or its project, or everything"
          }
        >
          paused
        </Tag>
      </span>
    );
  }
  if (card.state === "running") {
    const words = live ?? card.activity ?? stateWords(card);
    const since = card.running_since ? duration(secondsBetween(card.running_since, now)) : "";
    return words.startsWith("stalled since") ? (
      <Tag tone="wait">{words}</Tag>
    ) : (
      <Now>
        {words}
        {since && <span className={styles.since}> · {since}</span>}
      </Now>
    );
  }
  if (card.state === "waiting") {
    const since = card.waiting_since ? waits(card.waiting_since, now) : "";
    return (
      <span className={styles.row}>
        <Tag tone="wait" title={card.waiting_sentence}>
          {shortWait(card.waiting_reason)}
          {since && ` · ${since}`}
        </Tag>
      </span>
    );
  }
  if (card.state === "queued" && card.retry_at)
    return <span className={styles.quiet}>its run was lost, tried again</span>;
  if (card.state === "queued" || card.state === "paused")
    return <span className={styles.quiet}>{stateWords(card)}</span>;
  return null;
}
