import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

const KB = 1024;

/**
 * Says after each build what the board's path weighs: the entry with all that it imports at once, and its styles.
 * `npm run build`, as CI runs it, fails above the limit; a start of the hub is not stopped by it.
 */
export function weight(limit: number): Plugin {
  return {
    name: "wfhub-weight",
    apply: "build",
    generateBundle(_options, bundle) {
      const bytes = [...pathOf(bundle)].reduce((sum, file) => sum + sizeOf(bundle[file]), 0);
      const told = `The board's path is ${(bytes / KB).toFixed(1)} KB gzipped; ${limit} is its limit.`;
      if (bytes <= limit * KB) this.info(told);
      else if (process.env.npm_lifecycle_event === "build")
        this.error(`${told} Load what is not on the first screen later.`);
      else this.warn(told);
    },
  };
}

function pathOf(bundle: Rolldown.OutputBundle): Set<string> {
  const files = new Set<string>();
  const add = (name: string) => {
    const chunk = bundle[name];
    if (files.has(name) || chunk?.type !== "chunk") return;
    files.add(name);
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style);
    chunk.imports.forEach(add);
  };
  for (const [name, chunk] of Object.entries(bundle)) if (chunk.type === "chunk" && chunk.isEntry) add(name);
  return files;
}

function sizeOf(file: Rolldown.OutputAsset | Rolldown.OutputChunk | undefined): number {
  if (file === undefined) return 0;
  return gzipSync(file.type === "chunk" ? file.code : file.source).length;
}
