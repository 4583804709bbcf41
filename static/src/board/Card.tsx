import { useEffect, useRef } from "react";
import type { Card } from "../api/types";
import { waits } from "../clock/words";
import { useNow } from "../clock/useNow";
import { useActivity } from "../live/activity";
import { linkTo, usePlace } from "../place/usePlace";
import { Now } from "../tag/Now";
import { Tag } from "../tag/Tag";
import { shortWait, stateWords } from "../task/words";
import styles from "./Card.module.css";
import { asideOf, badgesOf } from "./words";

export function BoardCard({ card }: { card: Card }) {
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
      aria-current={chosen || undefined}
      {...linkTo(place, { task: card.id, tab: chosen ? place.tab : "changes", run: null })}
    >
      <span className={styles.key}>{card.key}</span>
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
  if (card.state === "running") {
    const words = live ?? card.activity ?? stateWords(card);
    return words.startsWith("stalled since") ? <Tag tone="wait">{words}</Tag> : <Now>{words}</Now>;
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
