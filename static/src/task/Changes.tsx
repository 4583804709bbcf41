import { Skeleton, UnstyledButton } from "@mantine/core";
import { useMemo, useState } from "react";
import { type FileData, parseDiff } from "react-diff-view";
import type { Task } from "../api/types";
import { Hunks } from "../diff/Hunks";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./Changes.module.css";
import { useDiff } from "./queries";

const OPENED_LINES = 400;

type FileChange = NonNullable<ReturnType<typeof useDiff>["data"]>["files"][number];

export default function Changes({ task }: { task: Task }) {
  const diff = useDiff(task.id);
  const patch = diff.data?.patch ?? "";
  const parsed = useMemo(() => new Map(parseDiff(patch).map((file) => [pathOf(file), file])), [patch]);
  if (diff.isPending) return <Skeleton height={160} radius={8} />;
  if (diff.isError) return <ProblemNote error={diff.error} again={() => void diff.refetch()} />;
  if (diff.data.files.length === 0) return <p className={styles.none}>No change yet: the branch has no commit.</p>;
  return (
    <>
      {diff.data.truncated && (
        <p className={styles.none}>
          The change is very large: only the first part is shown. The list of files is whole.
        </p>
      )}
      {diff.data.files.map((file) => (
        <OneFile key={file.path} file={file} parsed={parsed.get(file.path)} />
      ))}
    </>
  );
}

function OneFile({ file, parsed }: { file: FileChange; parsed: FileData | undefined }) {
  const [opened, setOpened] = useState(file.added + file.removed <= OPENED_LINES);
  const shown = parsed !== undefined && parsed.hunks.length > 0;
  return (
    <section className={styles.file} aria-label={file.path}>
      <UnstyledButton className={styles.head} onClick={() => setOpened(!opened)} aria-expanded={opened && shown}>
        <span className={styles.path}>
          {file.old_path && file.old_path !== file.path ? `${file.old_path} → ${file.path}` : file.path}
        </span>
        <span className={styles.stat}>{statWords(file)}</span>
      </UnstyledButton>
      {opened && shown && (
        <div className={styles.lines}>
          <Hunks file={parsed} label={`Changed lines of ${file.path}`} />
        </div>
      )}
    </section>
  );
}

function statWords(file: FileChange): string {
  if (file.binary) return "binary";
  const what = file.status === "added" ? "new · " : file.status === "deleted" ? "deleted · " : "";
  return `${what}+${file.added} −${file.removed}`;
}

const pathOf = (file: FileData): string => (file.type === "delete" ? file.oldPath : file.newPath);
