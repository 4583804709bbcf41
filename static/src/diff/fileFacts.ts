import type { FileData, HunkData } from "react-diff-view";
import type { Diff } from "../api/types";

export type FileChange = Diff["files"][number];

/** Names of what programs write and nobody reads line by line. */
const GENERATED = [
  /(^|\/)(package-lock|npm-shrinkwrap)\.json$/,
  /(^|\/)(yarn|pnpm-lock|poetry|uv|pdm|Cargo|composer|Gemfile|Pipfile|flake|go)\.(lock|yaml|sum)$/,
  /\.(min\.(js|css)|map|snap|pb\.go|lock)$/,
  /_pb2(_grpc)?\.pyi?$/,
  /(^|\/)(dist|build|vendor|node_modules|generated|__generated__|__snapshots__)\//,
  /(^|\/)(openapi\.json|schema\.d\.ts)$/,
];
const LARGE_LINES = 400;
const ESCAPED: Record<string, string> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** The file's path as git means it: one with spaces ends with a tab in the diff, and one with quotes or control
 * characters stands in quotes there, of which the parser takes the first away with the `b`. */
export function pathOf(file: Pick<FileData, "type" | "oldPath" | "newPath">): string {
  const told = (file.type === "delete" ? file.oldPath : file.newPath).replace(/\t$/, "");
  if (!told.startsWith("/") || !told.endsWith('"')) return told;
  return told
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(parseInt(code, 8)) : (ESCAPED[code] ?? code),
    );
}

export const isGenerated = (path: string): boolean => GENERATED.some((name) => name.test(path));

/** Why a file begins folded; null where it begins open. */
export function whyFolded({ path, added, removed }: Pick<FileChange, "path" | "added" | "removed">): string | null {
  if (isGenerated(path)) return "generated";
  return added + removed > LARGE_LINES ? "large" : null;
}

const bare = (text: string): string => text.replace(/\s+/g, "");

/** Every hunk says the same on both sides but for spaces, tabs and line ends. */
export function onlySpaces(hunks: readonly HunkData[]): boolean {
  const side = ({ changes }: HunkData, type: "insert" | "delete") =>
    bare(changes.map((change) => (change.type === type ? change.content : "")).join(""));
  return hunks.length > 0 && hunks.every((hunk) => side(hunk, "insert") === side(hunk, "delete"));
}

const RUNS = "100755";
const MODES = /^diff --git (.+)\nold mode (\d+)\nnew mode (\d+)$/gm;

/** Files that got other rights, with both; the parser leaves them out. */
export function modesOf(patch: string): Map<string, [before: string, now: string]> {
  const found = [...patch.matchAll(MODES)].map(([, names = "", before = "", now = ""]) => {
    const same = names.slice(2, (names.length - 1) / 2); // "a/x b/x": a rename has its own header lines
    return [same, [before, now]] as [string, [string, string]];
  });
  return new Map(found);
}

/** What a reader has to know of a file besides its lines: new, gone, another name, other rights, only spaces. */
export function factsOf(
  file: FileChange,
  parsed: FileData | undefined,
  modes: ReturnType<typeof modesOf> = new Map(),
): string[] {
  const facts: string[] = [];
  if (file.status === "added") facts.push("new");
  if (file.status === "deleted") facts.push("deleted");
  if (file.status === "renamed") facts.push(parsed?.similarity === 100 ? "renamed, the same inside" : "renamed");
  if (file.status === "copied") facts.push("copied");
  if (file.status === "type changed") facts.push("another type of file");
  if (file.binary) facts.push("binary");
  const [before, now] = modes.get(file.path) ?? [];
  if (before && now)
    facts.push(now === RUNS ? "may be run now" : before === RUNS ? "may not be run now" : `mode ${before} → ${now}`);
  if (parsed && onlySpaces(parsed.hunks)) facts.push("only spaces");
  const folded = whyFolded(file);
  if (folded) facts.push(folded);
  return facts;
}

/** An id of what a file's change says: another once any line of it differs. */
export function fingerprint(parsed: FileData | undefined): string {
  let [one, other] = [0xdeadbeef, 0x41c6ce57];
  const text = parsed?.hunks.map(
    ({ content, changes }) => content + changes.map((change) => change.type + change.content).join("\n"),
  );
  for (const letter of (text ?? []).join("\n")) {
    const code = letter.codePointAt(0) ?? 0;
    one = Math.imul(one ^ code, 2654435761);
    other = Math.imul(other ^ code, 1597334677);
  }
  return `${(one >>> 0).toString(36)}${(other >>> 0).toString(36)}`;
}
