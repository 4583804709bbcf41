import { useMemo } from "react";
import { parseDiff } from "react-diff-view";
import { Hunks } from "../diff/Hunks";
import styles from "./Restore.module.css";

/** The changed lines of all files of a patch, one below the other. */
export default function Patch({ patch }: { patch: string }) {
  const files = useMemo(() => parseDiff(patch), [patch]);
  return (
    <div className={styles.patch}>
      {files.map((file) => {
        const name = file.type === "delete" ? file.oldPath : file.newPath;
        return (
          <section key={name} aria-label={name}>
            <h4>{name}</h4>
            <Hunks file={file} label={`Changed lines of ${name}`} />
          </section>
        );
      })}
    </div>
  );
}
