import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { parseDiff } from "react-diff-view";
import type { Diff, ReviewComment, Task } from "../api/types";
import { useCommand } from "../command/useCommand";
import { part } from "../part/part";
import { go, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useDiff } from "../task/queries";
import styles from "./Changes.module.css";
import { Conflicts } from "./Conflicts";
import { factsOf, fingerprint, modesOf, pathOf } from "./fileFacts";
import { FileTree } from "./FileTree";
import { OneFile } from "./OneFile";
import { useReview } from "./review";
import { inOrder, treeOf } from "./tree";
import { useViewed } from "./viewed";

const ReviewBar = part(() => import("../feedback/ReviewBar"));

const SIDE_BY_SIDE_PX = 820;
const VIEW = "wfhub.diff.view";

/** What the task's branch changes, file by file, and what people said to its lines. */
export default function Changes({ task }: { task: Task }) {
  const diff = useDiff(task.id);
  const review = useReview(task.id);
  if (diff.isPending) return <Skeleton height={160} radius={8} />;
  if (diff.isError) return <ProblemNote error={diff.error} again={() => void diff.refetch()} />;
  return (
    <>
      <Conflicts task={task} />
      {diff.data.files.length === 0 ? (
        <p className={styles.none}>No change yet: the branch has no commit.</p>
      ) : (
        <Files
          task={task}
          diff={diff.data}
          notes={review.data?.comments ?? []}
          patchId={review.data?.patch_id ?? null}
        />
      )}
      {review.data && <ReviewBar taskId={task.id} />}
      {review.isError && <ProblemNote error={review.error} again={() => void review.refetch()} />}
    </>
  );
}

interface FilesProps {
  task: Task;
  diff: Diff;
  notes: ReviewComment[];
  /** Of the change that can be commented; null where none can. */
  patchId: string | null;
}

function Files({ task, diff, notes, patchId }: FilesProps) {
  const place = usePlace();
  const { ref, width } = useElementSize();
  const [wanted, setWanted] = useState(() => localStorage.getItem(VIEW) ?? "unified");
  const parsed = useMemo(
    () => new Map(parseDiff(diff.patch, { nearbySequences: "zip" }).map((file) => [pathOf(file), file])),
    [diff.patch],
  );
  const files = useMemo(() => inOrder(treeOf(diff.files)), [diff.files]);
  const prints = useMemo(() => new Map([...parsed].map(([path, file]) => [path, fingerprint(file)])), [parsed]);
  const modes = useMemo(() => modesOf(diff.patch), [diff.patch]);
  const viewed = useViewed(task.id);
  const isViewed = (path: string) => viewed.isViewed(path, prints.get(path) ?? "");
  const roomy = width >= SIDE_BY_SIDE_PX;
  const seen = files.filter(({ path }) => isViewed(path)).length;
  useKeys(
    task.id,
    files.map(({ path }) => path),
    notes,
  );
  return (
    <div ref={ref} className={styles.changes} data-roomy={roomy || undefined}>
      <div className={styles.bar}>
        <span>
          {files.length === 1 ? "1 file" : `${files.length} files`} <span className={styles.added}>+{diff.added}</span>{" "}
          <span className={styles.removed}>−{diff.removed}</span>
          {seen > 0 && ` · ${seen} viewed`}
        </span>
        {roomy ? (
          <SegmentedControl
            size="xs"
            aria-label="How the two sides stand"
            data={[
              { value: "unified", label: "One column" },
              { value: "split", label: "Side by side" },
            ]}
            value={wanted}
            onChange={(value) => {
              setWanted(value);
              localStorage.setItem(VIEW, value);
            }}
          />
        ) : (
          !place.wide && (
            <Button
              className={styles.widen}
              size="compact-xs"
              variant="subtle"
              onClick={() =>
                go({ task: task.id, tab: "changes", wide: true }, place.task === task.id ? "replace" : "push")
              }
            >
              Read it wide
            </Button>
          )
        )}
      </div>
      {diff.truncated && (
        <p className={styles.none}>
          The change is very large: only the first part is shown. The list of files is whole.
        </p>
      )}
      <div className={styles.columns}>
        {files.length > 1 && (
          <FileTree
            task={task.id}
            files={files}
            viewed={isViewed}
            notes={(path) => notes.filter((note) => note.path === path).length}
          />
        )}
        <div className={styles.files}>
          {files.map((file) => (
            <OneFile
              key={`${file.path}${isViewed(file.path) ? " viewed" : ""}`}
              task={task}
              file={file}
              parsed={parsed.get(file.path)}
              facts={factsOf(file, parsed.get(file.path), modes)}
              view={roomy && wanted === "split" ? "split" : "unified"}
              viewed={isViewed(file.path)}
              mark={(now) => viewed.mark(file.path, prints.get(file.path) ?? "", now)}
              notes={notes.filter((note) => note.path === file.path)}
              patchId={patchId}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/** J and K go from file to file, where they go not from item to item; N and P from comment to comment. */
function useKeys(task: number, paths: string[], notes: ReviewComment[]): void {
  const place = usePlace();
  const file = (by: number) => {
    const at = paths.indexOf(place.file ?? "");
    const next = paths[at < 0 ? 0 : Math.min(paths.length - 1, Math.max(0, at + by))];
    if (next !== undefined) go({ tab: "changes", file: next, line: null }, "replace");
  };
  const note = (by: number) => {
    const shown = [...document.querySelectorAll<HTMLElement>("[data-note]")];
    const at = shown.findIndex((each) => each.contains(document.activeElement));
    const next = shown[(at + by + shown.length) % shown.length] ?? shown[0];
    next?.focus();
    next?.scrollIntoView({ block: "center" });
  };
  const [group, when] = ["Changes", paths.length > 0 && place.task === task];
  useCommand({ words: "Next file", group, keys: "j", when, run: () => file(1) });
  useCommand({ words: "File before", group, keys: "k", when, run: () => file(-1) });
  useCommand({ words: "Next comment", group, keys: "n", when: notes.length > 0, run: () => note(1) });
  useCommand({ words: "Comment before", group, keys: "p", when: notes.length > 0, run: () => note(-1) });
}
