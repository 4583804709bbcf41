import { Button, Checkbox, UnstyledButton } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type ChangeData, type FileData, getChangeKey, type ViewType } from "react-diff-view";
import type { ReviewComment, Task } from "../api/types";
import { go, usePlace } from "../place/usePlace";
import { Tag } from "../tag/Tag";
import styles from "./Changes.module.css";
import { useColours } from "./colours";
import { type FileChange, whyFolded } from "./fileFacts";
import { anchorOf, Hunks } from "./Hunks";
import { NewNote, OldNote } from "./LineNotes";
import { changeAt, keyAt, type LineAt, placeOf } from "./places";
import { countWords } from "./words";

interface Props {
  task: Task;
  file: FileChange;
  parsed: FileData | undefined;
  /** What has to be known of it besides its lines. */
  facts: string[];
  view: ViewType;
  viewed: boolean;
  mark: (viewed: boolean) => void;
  notes: ReviewComment[];
  patchId: string | null;
}

/** One changed file: its facts in a line, its lines below, folded where there is little to read in them. */
export function OneFile({ task, file, parsed, facts, view, viewed, mark, notes, patchId }: Props) {
  const place = usePlace();
  const here = place.file === file.path;
  const section = useRef<HTMLElement>(null);
  const [opened, setOpened] = useState(here || (!viewed && whyFolded(file) === null));
  const [asked, setAsked] = useState<LineAt | null>(null);
  const shown = parsed !== undefined && parsed.hunks.length > 0;
  useReach(section, here, place.line, parsed, () => setOpened(true));
  return (
    <section ref={section} className={styles.file} aria-label={file.path} data-here={here || undefined}>
      <div className={styles.head}>
        <UnstyledButton
          className={styles.name}
          onClick={() => setOpened(!opened)}
          aria-expanded={opened && shown}
          disabled={!shown}
        >
          <span className={styles.caret} aria-hidden="true">
            {shown ? (opened ? "▾" : "▸") : "·"}
          </span>
          <span className={styles.path}>
            {file.old_path && file.old_path !== file.path ? `${file.old_path} → ${file.path}` : file.path}
          </span>
        </UnstyledButton>
        {facts.map((fact) => (
          <Tag key={fact}>{fact}</Tag>
        ))}
        <span className={styles.stat}>{countWords(file)}</span>
        <Checkbox
          size="xs"
          label="Viewed"
          aria-label={`Viewed: ${file.path}`}
          checked={viewed}
          onChange={(event) => mark(event.currentTarget.checked)}
        />
      </div>
      {opened && shown && (
        <Lines
          task={task}
          parsed={parsed}
          path={file.path}
          view={view}
          chosen={here ? place.line : null}
          notes={notes}
          patchId={patchId}
          asked={asked}
          ask={setAsked}
        />
      )}
      {!shown && !file.binary && file.added + file.removed > 0 && (
        <p className={styles.aside}>Its lines are beyond what is shown of a change this large.</p>
      )}
    </section>
  );
}

interface LinesProps {
  task: Task;
  parsed: FileData;
  path: string;
  view: ViewType;
  chosen: number | null;
  notes: ReviewComment[];
  patchId: string | null;
  asked: LineAt | null;
  ask: (at: LineAt | null) => void;
}

function Lines({ task, parsed, path, view, chosen, notes, patchId, asked, ask }: LinesProps) {
  const tokens = useColours(parsed, path);
  const widgets: Record<string, ReactNode[]> = {};
  const lost: ReviewComment[] = [];
  const put = (key: string, what: ReactNode) => (widgets[key] ??= []).push(what);
  for (const note of notes) {
    const line = note.outdated ? note.line_now : (note.end_line ?? note.line);
    const key = line === null ? null : keyAt(parsed, { side: note.side, line });
    if (key === null) lost.push(note);
    else put(key, <OldNote key={note.id} note={note} />);
  }
  const key = asked && keyAt(parsed, asked);
  if (asked && key && patchId)
    put(key, <NewNote key="new" taskId={task.id} patchId={patchId} path={path} {...asked} close={() => ask(null)} />);
  const first = parsed.hunks[0]?.changes.find(({ type }) => type !== "normal");
  const onLine = (change: ChangeData) => {
    const at = placeOf(change);
    if (at.side === "new") go({ tab: "changes", file: path, line: at.line }, "replace");
    ask(at);
  };
  const pointed = chosen === null ? null : changeAt(parsed, { side: "new", line: chosen });
  return (
    <div className={styles.lines}>
      <Hunks
        file={parsed}
        label={`Changed lines of ${path}`}
        view={view}
        tokens={tokens}
        widgets={Object.fromEntries(Object.entries(widgets).map(([at, all]) => [at, <div key={at}>{all}</div>]))}
        chosen={pointed ? [getChangeKey(pointed)] : []}
        onLine={onLine}
      />
      {patchId && first && asked === null && (
        <Button
          className={styles.comment}
          size="compact-xs"
          variant="subtle"
          onClick={() => ask(pointedAt(chosen, first))}
        >
          Comment on {chosen === null ? "the first changed line" : `line ${chosen}`}
        </Button>
      )}
      {lost.length > 0 && (
        <div className={styles.aside}>
          <p>Said to lines that are gone since:</p>
          {lost.map((note) => (
            <OldNote key={note.id} note={note} />
          ))}
        </div>
      )}
    </div>
  );
}

const pointedAt = (chosen: number | null, first: ChangeData): LineAt =>
  chosen === null ? placeOf(first) : { side: "new", line: chosen };

/** A link to a file or to a line of it leads there, once its lines are in the page. */
function useReach(
  section: React.RefObject<HTMLElement | null>,
  here: boolean,
  line: number | null,
  parsed: FileData | undefined,
  open: () => void,
): void {
  const reached = useRef("");
  useEffect(() => {
    const wanted = here ? String(line) : "";
    if (!here || reached.current === wanted) {
      reached.current = wanted;
      return;
    }
    reached.current = wanted;
    open();
    const change = line === null ? null : changeAt(parsed, { side: "new", line });
    requestAnimationFrame(() => {
      const target = change && parsed ? document.getElementById(anchorOf(parsed, change)) : null;
      if (target) target.scrollIntoView({ block: "center" });
      else section.current?.scrollIntoView({ block: "start" });
    });
  });
}
