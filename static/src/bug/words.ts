import type { Tone } from "../tag/Tag";

const BROWSERS: [RegExp, string][] = [
  [/Edg(?:A|iOS)?\/(\d+)/, "Edge"],
  [/OPR\/(\d+)/, "Opera"],
  [/(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/(?:Chrome|CriOS)\/(\d+)/, "Chrome"],
  [/Version\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari/, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux|X11/, "Linux"],
];
const LONGEST_TITLE = 120;

/** `Firefox 151 on Linux`; what names itself otherwise is given as it is. */
export function browserWords(agent: string): string {
  const browser = BROWSERS.map(([pattern, name]) => [pattern.exec(agent)?.[1], name]).find(([version]) => version);
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  if (browser === undefined) return agent.slice(0, 200);
  return `${browser[1]} ${browser[0]}${system === undefined ? "" : ` on ${system}`}`;
}

/** The first line, cut at a word where it is long; the whole is the description. */
export function titleOf(text: string): string {
  const line = text.trim().split("\n", 1)[0]?.trim() ?? "";
  if (line.length <= LONGEST_TITLE) return line;
  const cut = line.slice(0, LONGEST_TITLE - 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), LONGEST_TITLE / 2)).trimEnd()}…`;
}

/** The first picture among what was pasted or dropped. */
export function pictureAmong(files: Iterable<File> | undefined): File | null {
  return [...(files ?? [])].find((file) => PICTURES.includes(file.type)) ?? null;
}

export const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

const STATES: Record<string, [string, Tone]> = {
  open: ["open", "wait"],
  accepted: ["work was made of it", "accent"],
  fixed: ["fixed", "ok"],
  closed: ["closed", "plain"],
};
export const bugState = (state: string): [string, Tone] => STATES[state] ?? [state, "plain"];

export const severityTone = (severity: string): Tone =>
  severity === "critical" || severity === "high" ? "bad" : severity === "medium" ? "wait" : "plain";
