import { CloseButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { sizeWords } from "../proof/words";
import styles from "./Files.module.css";
import type { Chosen } from "./useFiles";
import { extensionOf } from "./words";

/** What will be sent along, as it looks, and why something will not. */
export function ChosenFiles({ chosen }: { chosen: Chosen }) {
  return (
    <>
      {chosen.files.length > 0 && (
        <ul className={styles.list} aria-label="Files that go along">
          {chosen.files.map((file, index) => (
            <li key={`${index}${file.name}`} className={styles.file} title={`${file.name}, ${sizeWords(file.size)}`}>
              {file.type.startsWith("image/") ? (
                <Picture file={file} />
              ) : (
                <span className={styles.kind}>{extensionOf(file.name)}</span>
              )}
              <span className={styles.name}>{file.name}</span>
              <CloseButton
                className={styles.remove}
                size="xs"
                aria-label={`Leave out ${file.name}`}
                onClick={() => chosen.leaveOut([file])}
              />
            </li>
          ))}
        </ul>
      )}
      {chosen.coming > 0 && (
        <p className={styles.coming} role="status">
          {chosen.coming === 1 ? "A file is made ready…" : `${chosen.coming} files are made ready…`}
        </p>
      )}
      {chosen.refused.length > 0 && (
        <div className={styles.refused} role="alert">
          {chosen.refused.map((why) => (
            <p key={why}>{why}</p>
          ))}
        </div>
      )}
    </>
  );
}

function Picture({ file }: { file: File }) {
  const shown = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const address = URL.createObjectURL(file);
    if (shown.current) shown.current.src = address;
    return () => URL.revokeObjectURL(address);
  }, [file]);
  return <img ref={shown} alt="" />;
}
