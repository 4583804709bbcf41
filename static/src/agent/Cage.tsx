import type { Agent } from "../api/types";
import page from "../theme/Page.module.css";
import { Tag } from "../tag/Tag";
import styles from "./Agents.module.css";
import { cageName } from "./words";

type Told = NonNullable<Agent["cage"]>;

/** What holds in what models run: what it keeps from them, what it can't, and how to get a better one. */
export function Cage({ cage }: { cage: Told }) {
  const safe = cage.backend !== null && cage.backend !== "none";
  const missing = cage.kinds.filter((kind) => !kind.works && kind.name !== "none");
  return (
    <>
      <dt>Cage</dt>
      <dd>
        <Tag tone={safe ? "ok" : "bad"}>{cageName(cage.backend)}</Tag>
        {!safe && cage.way_out && <p className={styles.trouble}>{cage.way_out}</p>}
      </dd>
      {cage.lacks.map((sentence) => (
        <dd key={sentence} className={page.hint}>
          {safe ? `Not kept away: ${lower(sentence)}` : sentence}
        </dd>
      ))}
      <dd>
        <details className={styles.more}>
          <summary>{safe ? "What it keeps from what models run" : "What there is"}</summary>
          {cage.denies.length > 0 && (
            <ul className={styles.denies}>
              {cage.denies.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          )}
          {missing.map((kind) => (
            <p key={kind.name} className={page.hint}>
              {cageName(kind.name)} does not work here. {kind.way_out}
            </p>
          ))}
          {safe && cage.way_out && <p className={page.hint}>{cage.way_out}</p>}
        </details>
      </dd>
    </>
  );
}

const lower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);
