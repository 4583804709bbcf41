import type { WayBack } from "../api/types";
import { part } from "../part/part";
import styles from "./Restore.module.css";
import { filesWords } from "./words";

const Patch = part(() => import("./Patch"));
const COMMITS = { undo_merge: "Commits taken back", rollback: "Commits left behind", recover: "Commits found again" };

/** The hub's answer of what would change, and why it could not be done now. */
export function Foreseen({ seen }: { seen: WayBack }) {
  return (
    <section className={styles.seen} aria-label="What will change">
      <p className={styles.sentence}>{seen.sentence}</p>
      {seen.blocked && (
        <div className={styles.blocked} role="alert">
          <p>
            <b>It can't be done now.</b> {seen.blocked.sentence}
          </p>
          {seen.blocked.way_out && <p>{seen.blocked.way_out}</p>}
          <Names names={seen.blocked.files} />
        </div>
      )}
      <p className={styles.branch}>
        <code>{seen.branch}</code>
        <span>
          <code>{seen.before?.slice(0, 10) ?? "new"}</code> →{" "}
          {seen.kind === "undo_merge" ? "a new commit" : <code>{seen.after.slice(0, 10)}</code>}
        </span>
      </p>
      {seen.files.length > 0 && (
        <ul className={styles.files} aria-label={filesWords(seen.files.length)}>
          {seen.files.map((file) => (
            <li key={file.path}>
              <code>{file.path}</code>
              <span>{file.binary ? "binary" : `+${file.added} −${file.removed}`}</span>
            </li>
          ))}
        </ul>
      )}
      {seen.uncommitted.length > 0 && (
        <div>
          <p className={styles.dim}>Not committed yet: put aside first, and kept with the task.</p>
          <Names names={seen.uncommitted} />
        </div>
      )}
      {seen.commits.length > 0 && (
        <details className={styles.more}>
          <summary>
            {COMMITS[seen.kind]} ({seen.commits.length})
          </summary>
          <ul className={styles.files}>
            {seen.commits.map((commit) => (
              <li key={commit.sha}>
                <span>{commit.subject}</span>
                <code>{commit.sha.slice(0, 10)}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
      {seen.patch && (
        <details className={styles.more}>
          <summary>The changed lines</summary>
          <Patch patch={seen.patch} />
        </details>
      )}
    </section>
  );
}

function Names({ names }: { names: string[] }) {
  if (names.length === 0) return null;
  return (
    <ul className={styles.files}>
      {names.map((name) => (
        <li key={name}>
          <code>{name}</code>
        </li>
      ))}
    </ul>
  );
}
