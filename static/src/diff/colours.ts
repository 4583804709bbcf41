import { useEffect, useState } from "react";
import type { FileData, HunkTokens } from "react-diff-view";

type Language = typeof import("refractor/python").default;
type Loader = () => Promise<{ default: Language }>;

const PYTHON: Loader = () => import("refractor/python");
const TYPESCRIPT: Loader = () => import("refractor/typescript");
const JAVASCRIPT: Loader = () => import("refractor/javascript");
const YAML: Loader = () => import("refractor/yaml");
const BASH: Loader = () => import("refractor/bash");
const C: Loader = () => import("refractor/c");
const CPP: Loader = () => import("refractor/cpp");
const MARKUP: Loader = () => import("refractor/markup");

/** Loaded one by one, when a file of that kind is opened. */
const LANGUAGES: Record<string, Loader> = {
  py: PYTHON,
  pyi: PYTHON,
  ts: TYPESCRIPT,
  mts: TYPESCRIPT,
  tsx: () => import("refractor/tsx"),
  js: JAVASCRIPT,
  mjs: JAVASCRIPT,
  cjs: JAVASCRIPT,
  jsx: () => import("refractor/jsx"),
  json: () => import("refractor/json"),
  yaml: YAML,
  yml: YAML,
  toml: () => import("refractor/toml"),
  ini: () => import("refractor/ini"),
  css: () => import("refractor/css"),
  scss: () => import("refractor/scss"),
  html: MARKUP,
  xml: MARKUP,
  svg: MARKUP,
  md: () => import("refractor/markdown"),
  sh: BASH,
  bash: BASH,
  sql: () => import("refractor/sql"),
  go: () => import("refractor/go"),
  rs: () => import("refractor/rust"),
  java: () => import("refractor/java"),
  kt: () => import("refractor/kotlin"),
  c: C,
  h: C,
  cpp: CPP,
  hpp: CPP,
  cc: CPP,
  cs: () => import("refractor/csharp"),
  rb: () => import("refractor/ruby"),
  php: () => import("refractor/php"),
  lua: () => import("refractor/lua"),
  dockerfile: () => import("refractor/docker"),
  makefile: () => import("refractor/makefile"),
};
const MOST_LINES = 3_000; // colouring more would hold the page up

/** "py" of "a/b.py", "dockerfile" of "docker/Dockerfile". */
export const kindOf = (path: string): string => (path.split("/").at(-1) ?? "").split(".").at(-1)?.toLowerCase() ?? "";

async function coloured(file: FileData, path: string): Promise<HunkTokens | null> {
  const lines = file.hunks.reduce((sum, { changes }) => sum + changes.length, 0);
  const load = Object.hasOwn(LANGUAGES, kindOf(path)) ? LANGUAGES[kindOf(path)] : undefined;
  if (lines > MOST_LINES) return null;
  const { markEdits, tokenize } = await import("react-diff-view");
  const enhancers = [markEdits(file.hunks, { type: "block" })];
  if (load === undefined) return tokenize(file.hunks, { enhancers });
  const [{ refractor }, { default: language }] = await Promise.all([import("refractor/core"), load()]);
  refractor.register(language);
  const highlighter = { highlight: (code: string, name: string) => refractor.highlight(code, name).children };
  return tokenize(file.hunks, { highlight: true, refractor: highlighter, language: language.displayName, enhancers });
}

/** The colours of a file's words; null until they are there, and where there are none. */
export function useColours(file: FileData | undefined, path: string): HunkTokens | null {
  const [found, setFound] = useState<{ file: FileData; tokens: HunkTokens | null } | null>(null);
  useEffect(() => {
    if (file === undefined) return;
    let gone = false;
    coloured(file, path).then(
      (tokens) => !gone && setFound({ file, tokens }),
      () => !gone && setFound({ file, tokens: null }), // without colours it reads as well
    );
    return () => {
      gone = true;
    };
  }, [file, path]);
  return found?.file === file ? (found?.tokens ?? null) : null;
}
