import type { MouseEvent } from "react";
import { linkTo, usePlace } from "../place/usePlace";
import type { FileChange } from "./fileFacts";
import styles from "./Changes.module.css";
import { type Folder, treeOf } from "./tree";
import { countWords } from "./words";

interface Props {
  task: number;
  files: readonly FileChange[];
  viewed: (path: string) => boolean;
  notes: (path: string) => number;
}

/** The changed files in their folders; a click goes to the file. */
export function FileTree({ files, ...of }: Props) {
  return (
    <nav className={styles.tree} aria-label="Changed files">
      <Branch folder={treeOf(files)} {...of} />
    </nav>
  );
}

function Branch({ folder, task, viewed, notes }: Omit<Props, "files"> & { folder: Folder }) {
  const place = usePlace();
  return (
    <ul>
      {folder.folders.map((inner) => (
        <li key={inner.path}>
          <span className={styles.folder}>{inner.name}/</span>
          <Branch folder={inner} task={task} viewed={viewed} notes={notes} />
        </li>
      ))}
      {folder.files.map((file) => (
        <li key={file.path}>
          <a
            className={styles.leaf}
            data-status={file.status}
            data-viewed={viewed(file.path) || undefined}
            aria-current={place.file === file.path || undefined}
            {...linkTo(place, { task, tab: "changes", file: file.path, line: null })}
            {...(place.task === task ? {} : { onClick: reachHere(file.path) })}
          >
            <span>
              {viewed(file.path) && <span aria-hidden="true">✓ </span>}
              {file.path.split("/").at(-1)}
              {viewed(file.path) && <span className="wf-hidden">, viewed</span>}
            </span>
            <small>
              {notes(file.path) > 0 && `${notes(file.path)} said · `}
              {countWords(file)}
            </small>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** Where the address names no task, as in the inbox, the file is shown where it stands. */
const reachHere = (path: string) => (event: MouseEvent<HTMLElement>) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const around = event.currentTarget.closest("article") ?? document;
  around.querySelector(`section[aria-label="${CSS.escape(path)}"]`)?.scrollIntoView({ block: "start" });
};
