import type { ReactNode } from "react";
import {
  type ChangeData,
  Diff,
  type EventMap,
  type FileData,
  getChangeKey,
  Hunk,
  type HunkTokens,
  type ViewType,
} from "react-diff-view";
import "react-diff-view/style/index.css";
import { pathOf } from "./fileFacts";
import styles from "./Hunks.module.css";
import colours from "./Colours.module.css";

interface Props {
  file: FileData;
  label: string;
  view?: ViewType;
  tokens?: HunkTokens | null;
  /** What stands under a line, by the change's key. */
  widgets?: Record<string, ReactNode>;
  /** Keys of the lines that are pointed at. */
  chosen?: string[];
  onLine?: (change: ChangeData, side: "old" | "new") => void;
}

/** The changed lines of one text. Heavy: loaded only where a difference is looked at. */
export function Hunks({ file, label, view = "unified", tokens = null, widgets = {}, chosen = [], onLine }: Props) {
  const events: EventMap = onLine
    ? { onClick: ({ change, side }) => change && onLine(change, side ?? (change.type === "delete" ? "old" : "new")) }
    : {};
  return (
    <section
      className={`${styles.code} ${colours.code}`}
      tabIndex={0}
      aria-label={label}
      data-clickable={onLine ? "" : undefined}
    >
      <Diff
        viewType={view}
        diffType={file.type}
        hunks={file.hunks}
        gutterType="default"
        tokens={tokens}
        widgets={widgets}
        selectedChanges={chosen}
        gutterEvents={events}
        generateAnchorID={onLine ? (change) => anchorOf(file, change) : () => undefined}
        optimizeSelection
      >
        {(hunks) => hunks.map((hunk) => <Hunk key={hunk.content} hunk={hunk} />)}
      </Diff>
    </section>
  );
}

export const anchorOf = (file: FileData, change: ChangeData): string => `line ${pathOf(file)} ${getChangeKey(change)}`;
