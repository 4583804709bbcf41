import type { OutsideItem } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { Key } from "../tag/Key";
import { Tag, type Tone } from "../tag/Tag";
import { Differs } from "./Differs";
import styles from "./Tracker.module.css";
import { treeOf } from "./tree";

interface Props {
  label: string;
  items: readonly OutsideItem[];
  said: Record<OutsideItem["verdict"], { words: string; tone: Tone }>;
}

/** Tasks with what becomes, or became, of each; a part below its whole. */
export function Items({ label, items, said }: Props) {
  const place = usePlace();
  return (
    <ul className={styles.items} aria-label={label} tabIndex={0}>
      {treeOf(items).map(({ item, depth }) => (
        <li key={item.external_id} className={styles.item}>
          <span className={styles.itemName} style={{ "--depth": depth } as React.CSSProperties}>
            {item.task_id !== null && item.verdict !== "deleted" ? (
              <a className={styles.link} {...linkTo(place, { task: item.task_id })}>
                {item.key && <Key>{item.key}</Key>} {item.title}
              </a>
            ) : (
              item.title
            )}
          </span>
          <Tag tone={said[item.verdict].tone}>{said[item.verdict].words}</Tag>
          {item.differs.length > 0 && <Differs differs={item.differs} />}
        </li>
      ))}
    </ul>
  );
}
