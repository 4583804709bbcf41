import { CloseButton } from "@mantine/core";
import type { Attachment } from "../api/types";
import { sizeWords } from "../proof/words";
import styles from "./Files.module.css";
import { extensionOf } from "./words";

interface Props {
  files: Attachment[];
  /** Only files of this task may be taken away here; others belong to its request. */
  own?: { task_id: number };
  remove?: (file: Attachment) => void;
}

/** Files that the hub keeps, as pictures where they are some. */
export function KeptFiles({ files, own, remove }: Props) {
  if (files.length === 0) return null;
  return (
    <ul className={styles.list} aria-label="Files">
      {files.map((file) => (
        <li key={file.id} className={styles.file} title={`${file.name}, ${sizeWords(file.size)}`}>
          <a href={`/attachments/${file.id}/download`} download={file.name}>
            {file.picture ? (
              <img src={`/attachments/${file.id}/thumbnail`} alt={file.description} loading="lazy" />
            ) : (
              <span className={styles.kind} aria-hidden="true">
                {extensionOf(file.name)}
              </span>
            )}
            <span className={styles.name}>{file.name}</span>
          </a>
          {remove && file.task_id === own?.task_id && (
            <CloseButton
              className={styles.remove}
              size="xs"
              aria-label={`Take ${file.name} away`}
              onClick={() => remove(file)}
            />
          )}
        </li>
      ))}
    </ul>
  );
}
