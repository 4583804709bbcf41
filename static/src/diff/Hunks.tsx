import { Diff, type FileData, Hunk } from "react-diff-view";
import "react-diff-view/style/index.css";
import styles from "./Hunks.module.css";

/** The changed lines of one text. Heavy: loaded only where a difference is looked at. */
export function Hunks({ file, label }: { file: FileData; label: string }) {
  return (
    <section className={styles.code} tabIndex={0} aria-label={label}>
      <Diff viewType="unified" diffType={file.type} hunks={file.hunks} gutterType="default">
        {(hunks) => hunks.map((hunk) => <Hunk key={hunk.content} hunk={hunk} />)}
      </Diff>
    </section>
  );
}
