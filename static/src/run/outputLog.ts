import { told } from "../api/told";
import { stepName } from "./stepName";
import type { OutputLine } from "./outputFeed";

export type BlockKind = "step" | "thought" | "tool" | "edit" | "text" | "tests" | "turn" | "notice" | "end";

/** What belongs together in a run's output: a tool's call with its result, a thought, one stretch of plain output. */
export interface Block {
  kind: BlockKind;
  step: string;
  /** The line that stays when it is folded; empty for plain output, which has none. */
  head: string;
  lines: string[];
  /** The last line may go on: output comes in pieces, not in lines. */
  open: boolean;
  folded: boolean;
  bad: boolean;
}

/** A place in the log: a block, and a line of it; -1 is its head. */
export interface Spot {
  block: number;
  line: number;
}

const LINES = 2 ** 24;
export const pack = ({ block, line }: Spot): number => block * LINES + line + 1;
export const unpack = (row: number): Spot => ({ block: Math.floor(row / LINES), line: (row % LINES) - 1 });

const FOLDED: readonly BlockKind[] = ["thought", "tool", "edit"];
const LONGEST = 4_000;

/** A run's output in blocks, and the rows of it that are shown. Grows at its end; rows are numbers, so that a hundred
 * thousand cost little. */
export class OutputLog {
  readonly blocks: Block[] = [];
  /** `pack`ed spots, in order, without what is folded away. */
  readonly rows: number[] = [];
  private readonly starts: number[] = [];
  private readonly foldedSteps = new Set<string>();

  append(lines: readonly OutputLine[]): void {
    let from = this.blocks.length;
    const before = this.blocks.length;
    for (const line of lines) from = Math.min(from, this.take(line));
    if (from === before - 1 && this.grow(from)) from = before;
    this.show(from);
  }

  toggle(block: number): void {
    const one = this.blocks[block];
    if (one === undefined) return;
    one.folded = !one.folded;
    if (one.kind === "step") {
      if (one.folded) this.foldedSteps.add(one.step);
      else this.foldedSteps.delete(one.step);
    }
    this.show(block);
  }

  /** Everything that can be folded, folded or not. */
  foldAll(folded: boolean): void {
    for (const one of this.blocks) if (FOLDED.includes(one.kind)) one.folded = folded;
    this.show(0);
  }

  /** The row of a spot, unfolded where it is folded away. */
  reveal(spot: Spot): number {
    const one = this.blocks[spot.block];
    if (one === undefined) return 0;
    if (this.foldedSteps.has(one.step))
      this.toggle(this.blocks.findIndex((b) => b.kind === "step" && b.step === one.step));
    if (spot.line >= 0 && one.folded) this.toggle(spot.block);
    return this.rows.indexOf(pack(spot), this.starts[spot.block]);
  }

  textOf({ block, line }: Spot): string {
    const one = this.blocks[block];
    return (line < 0 ? one?.head : one?.lines[line]) ?? "";
  }

  /** Where the words occur, in order, whatever the case; folded lines too. */
  find(words: string): Spot[] {
    const wanted = words.toLowerCase();
    const found: Spot[] = [];
    if (!wanted) return found;
    this.blocks.forEach(({ head, lines }, block) => {
      if (head.toLowerCase().includes(wanted)) found.push({ block, line: -1 });
      lines.forEach((line, index) => line.toLowerCase().includes(wanted) && found.push({ block, line: index }));
    });
    return found;
  }

  /** All of it, for the clipboard. */
  text(): string {
    return this.blocks.flatMap(({ head, lines }) => (head ? [head, ...lines] : lines)).join("\n");
  }

  /** Takes a line in and answers the first block that changed. */
  private take(line: OutputLine): number {
    let from = this.blocks.length;
    const last = this.blocks.at(-1);
    if (last?.step !== line.step) this.add("step", line.step, stepName(line.step));
    const text = line.text.replace(/\n$/, "");
    const current = this.blocks.at(-1);
    switch (line.kind) {
      case "thought":
      case "tool_call":
        this.addFolded(line.kind === "thought" ? "thought" : "tool", line.step, text || told(line.data, "tool"));
        break;
      case "tool_result":
        if (current?.kind === "tool" && current.step === line.step) {
          current.lines.push(...split(text));
          current.bad ||= line.data.ok === false;
          from = Math.min(from, this.blocks.length - 1);
        } else this.addFolded("tool", line.step, text);
        break;
      case "edit":
        this.add("edit", line.step, text, split(told(line.data, "diff").replace(/^--- .*\n\+\+\+ .*\n/, "")));
        break;
      case "model_turn":
        this.add("turn", line.step, turnWords(line.data));
        break;
      case "tests":
        this.add("tests", line.step, text || testWords(line.data)).bad = /[1-9]\d* (failed|errors?)/.test(text);
        break;
      case "notice":
      case "asked":
        this.add("notice", line.step, text);
        break;
      case "heard":
        this.add("notice", line.step, `You said: ${text}`);
        break;
      case "finished":
        this.add("end", line.step, text);
        break;
      case "output":
        from = Math.min(from, this.plain(line));
        break;
      default:
        if (text) this.add("notice", line.step, text);
    }
    return from;
  }

  /** Output of a command comes in pieces that name their source; what names none is a line of its own. */
  private plain(line: OutputLine): number {
    const last = this.blocks.at(-1);
    const going = last?.kind === "text" && last.step === line.step ? last : undefined;
    const block = going ?? this.add("text", line.step, "");
    const pieces = line.text.split("\n");
    const piece = "source" in line.data;
    const first = pieces.shift() ?? "";
    if (block.open && piece && block.lines.length > 0) block.lines.push((block.lines.pop() ?? "") + first);
    else block.lines.push(first);
    for (const more of pieces) block.lines.push(more);
    block.open = piece;
    if (block.lines.at(-1) === "" && pieces.length > 0) {
      block.lines.pop();
      block.open = false;
    }
    return this.blocks.length - 1;
  }

  private addFolded(kind: BlockKind, step: string, text: string): void {
    const [head = "", ...rest] = split(text);
    this.add(kind, step, head, rest);
  }

  private add(kind: BlockKind, step: string, head: string, lines: string[] = []): Block {
    const block = { kind, step, head, lines, open: false, folded: FOLDED.includes(kind), bad: false };
    this.blocks.push(block);
    return block;
  }

  /** The rows that a block got at its end, where it is the last one shown; so a long one is not gone through anew. */
  private grow(block: number): boolean {
    const [one, start] = [this.blocks[block], this.starts[block]];
    if (one === undefined || start === undefined || this.foldedSteps.has(one.step)) return false;
    if (one.folded) return true;
    const known = this.rows.length - start - (one.head ? 1 : 0);
    for (let line = known; line < one.lines.length; line++) this.rows.push(pack({ block, line }));
    return true;
  }

  private show(from: number): void {
    const { rows } = this;
    if (from < this.starts.length) rows.length = this.starts[from] ?? 0;
    for (let block = from; block < this.blocks.length; block++) {
      const one = this.blocks[block];
      if (one === undefined) break;
      this.starts[block] = rows.length;
      if (this.foldedSteps.has(one.step) && one.kind !== "step") continue;
      if (one.head) rows.push(pack({ block, line: -1 }));
      if (!one.folded) for (let line = 0; line < one.lines.length; line++) rows.push(pack({ block, line }));
    }
  }
}

const split = (text: string): string[] =>
  text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)} …` : line));

function turnWords(data: Record<string, unknown>): string {
  const tokens = (name: string) => Number(data[name] ?? 0).toLocaleString("en");
  return `Turn ${told(data, "turn")} of the model: ${tokens("tokens_in")} tokens in, ${tokens("tokens_out")} out`;
}

function testWords(data: Record<string, unknown>): string {
  const { passed = 0, failed = 0, errors = 0 } = (data.tests ?? data) as Record<string, number>;
  return failed + errors > 0 ? `${passed} passed, ${failed + errors} failed` : `${passed} passed`;
}
