/** One test of a JUnit report. */
export interface TestRow {
  name: string;
  state: "passed" | "failed" | "skipped";
  seconds: number | null;
  message: string;
}

/** One result of a SARIF report. */
export interface FindingRow {
  level: string;
  rule: string;
  message: string;
  place: string;
}

export type Reading =
  | { form: "tests"; rows: TestRow[] }
  | { form: "findings"; rows: FindingRow[] }
  | { form: "table"; columns: string[]; rows: string[][] }
  | { form: "text"; text: string };

const CASE = /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;
const BROKEN = /<(failure|error|skipped)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/\1>)/;
const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

const plain = (text: string): string =>
  text
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, "$1")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)))
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? "");

const attribute = (text: string, name: string): string =>
  plain(new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? "");

function tests(text: string): TestRow[] {
  return [...text.matchAll(CASE)].map(([, head = "", body = ""]) => {
    const [, what, about = "", inside = ""] = BROKEN.exec(body) ?? [];
    const time = attribute(head, "time");
    const names = [attribute(head, "classname"), attribute(head, "name")].filter(Boolean);
    return {
      name: names.join("::"),
      state: what === undefined ? "passed" : what === "skipped" ? "skipped" : "failed",
      seconds: time ? Number(time) : null,
      message: what === undefined ? "" : plain(inside).trim() || attribute(about, "message"),
    };
  });
}

type Any = Record<string, unknown>;
const object = (value: unknown): Any => (value !== null && typeof value === "object" ? (value as Any) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const words = (value: unknown): string =>
  typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);

function findings(report: Any): FindingRow[] {
  return list(report.runs).flatMap((run) =>
    list(object(run).results).map((one) => {
      const { level, ruleId, message, locations } = object(one);
      const spot = object(object(list(locations)[0]).physicalLocation);
      const line = words(object(spot.region).startLine);
      const file = words(object(spot.artifactLocation).uri);
      return {
        level: words(level) || "warning",
        rule: words(ruleId),
        message: words(object(message).text),
        place: line && file ? `${file}:${line}` : file,
      };
    }),
  );
}

const COLUMNS = 8;

function json(text: string): Reading | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // cut, or no JSON after all
  }
  if ("runs" in object(value) && "version" in object(value)) return { form: "findings", rows: findings(object(value)) };
  const rows = list(value);
  if (rows.length === 0 || rows.some((row) => row === null || typeof row !== "object" || Array.isArray(row)))
    return { form: "text", text: JSON.stringify(value, null, 2) };
  const columns = [...new Set(rows.flatMap((row) => Object.keys(object(row))))].slice(0, COLUMNS);
  return { form: "table", columns, rows: rows.map((row) => columns.map((name) => words(object(row)[name]))) };
}

/** How a proof is best read: the tests of a report, the findings of a scanner, a table, else its text. Nothing of it is
 * ever taken as HTML. */
export function readingOf(name: string, mediaType: string, text: string): Reading {
  if (/xml/.test(mediaType) || text.startsWith("<?xml") || /^<testsuites?\b/.test(text)) {
    const rows = tests(text);
    return rows.length > 0 ? { form: "tests", rows } : { form: "text", text: text.replaceAll("><", ">\n<") };
  }
  const asJson = /json|sarif/.test(mediaType) || /\.(json|sarif)$/.test(name) ? json(text) : null;
  return asJson ?? { form: "text", text };
}
