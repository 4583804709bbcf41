import { Checkbox } from "@mantine/core";
import type { InboxItem } from "../api/types";
import { ago } from "../clock/words";
import { useNow } from "../clock/useNow";
import { linkTo, usePlace } from "../place/usePlace";
import { Tag } from "../tag/Tag";
import styles from "./Inbox.module.css";
import { behindWords, isTrouble, reasonWords } from "./words";

interface Props {
  item: InboxItem;
  on: boolean;
  chosen: boolean;
  choose: () => void;
}

export function Row({ item, on, chosen, choose }: Props) {
  const place = usePlace();
  const now = useNow(30);
  const behind = behindWords(item);
  return (
    <li className={styles.row} data-item={item.key} data-on={on || undefined}>
      <Checkbox size="xs" checked={chosen} onChange={choose} aria-label={`Choose ${item.title}`} />
      <a className={styles.open} {...linkTo(place, { item: item.key })} aria-current={on ? "true" : undefined}>
        <span className={styles.facts}>
          <Tag tone={isTrouble(item) ? "bad" : "wait"}>{reasonWords(item)}</Tag>
          <time dateTime={item.since}>{ago(item.since, now)}</time>
        </span>
        <span className={styles.what}>{item.title}</span>
        {behind && <span className={styles.behind}>{behind}</span>}
      </a>
    </li>
  );
}
