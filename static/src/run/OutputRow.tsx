import { UnstyledButton } from "@mantine/core";
import styles from "./Output.module.css";
import type { Block, OutputLog, Spot } from "./outputLog";

const SIGNS: Partial<Record<Block["kind"], string>> = { thought: "thinks", tool: "calls", edit: "edits" };

interface Props {
  log: OutputLog;
  spot: Spot;
  /** What is searched for; empty for nothing. */
  wanted: string;
  current: boolean;
  toggle: () => void;
}

/** One row of a run's output: the head of something folded, or a line. */
export function OutputRow({ log, spot, wanted, current, toggle }: Props) {
  const block = log.blocks[spot.block];
  if (block === undefined) return null;
  const text = log.textOf(spot);
  const words = <Marked text={text} wanted={wanted} current={current} />;
  if (spot.line >= 0)
    return (
      <p className={styles.line} data-kind={block.kind} data-sign={signOf(block, text)}>
        {words}
      </p>
    );
  const foldable = block.kind === "step" || block.lines.length > 0;
  if (!foldable)
    return (
      <p className={styles.head} data-kind={block.kind} data-bad={block.bad || undefined}>
        <Sign block={block} />
        <span>{words}</span>
      </p>
    );
  return (
    <UnstyledButton
      className={styles.head}
      data-kind={block.kind}
      data-bad={block.bad || undefined}
      aria-expanded={!block.folded}
      onClick={toggle}
    >
      <span className={styles.caret} aria-hidden="true">
        {block.folded ? "▸" : "▾"}
      </span>
      <Sign block={block} />
      <span className={block.folded ? styles.short : undefined}>{words}</span>
      {block.folded && block.lines.length > 0 && <span className={styles.more}>{linesWords(block.lines.length)}</span>}
    </UnstyledButton>
  );
}

const linesWords = (count: number): string => (count === 1 ? "1 line" : `${count.toLocaleString("en")} lines`);

function Sign({ block }: { block: Block }) {
  const word = SIGNS[block.kind];
  return word === undefined ? null : <span className={styles.sign}>{word}</span>;
}

function signOf(block: Block, text: string): string | undefined {
  if (block.kind !== "edit") return undefined;
  return text.startsWith("+") ? "added" : text.startsWith("-") ? "removed" : undefined;
}

/** The text with every place marked that is searched for. */
function Marked({ text, wanted, current }: { text: string; wanted: string; current: boolean }) {
  if (!wanted) return text || "\u00a0";
  const low = text.toLowerCase();
  const parts = [];
  let from = 0;
  for (let at = low.indexOf(wanted.toLowerCase()); at >= 0; at = low.indexOf(wanted.toLowerCase(), from)) {
    parts.push(text.slice(from, at));
    parts.push(
      <mark key={at} data-current={current || undefined}>
        {text.slice(at, at + wanted.length)}
      </mark>,
    );
    from = at + wanted.length;
  }
  return (
    <>
      {parts}
      {text.slice(from) || (parts.length === 0 ? "\u00a0" : "")}
    </>
  );
}
