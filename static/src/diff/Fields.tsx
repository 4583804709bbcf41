import { useMemo } from "react";
import { parseDiff } from "react-diff-view";
import { Hunks } from "./Hunks";
import styles from "./Fields.module.css";

/** What differs between two versions: a unified diff for each part of them. */
export default function Fields({ fields }: { fields: { name: string; diff: string }[] }) {
  const parsed = useMemo(
    () => fields.flatMap(({ name, diff }) => parseDiff(diff).map((file) => ({ name, file }))),
    [fields],
  );
  if (parsed.length === 0) return <p className={styles.same}>They say the same.</p>;
  return (
    <div className={styles.fields}>
      {parsed.map(({ name, file }) => (
        <section key={name} className={styles.field} aria-label={name}>
          <h4 className={styles.name}>{name}</h4>
          <Hunks file={file} label={`Changed lines of ${name}`} />
        </section>
      ))}
    </div>
  );
}
