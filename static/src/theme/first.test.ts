import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SRC = join(dirname(fileURLToPath(import.meta.url)), "..");
const STYLES = join(SRC, "..", "node_modules", "@mantine", "core", "styles");
const MADE_OF: Record<string, string[]> = { Textarea: ["Input"], TextInput: ["Input"] };

/** Every file that comes with the entry, following what is imported at once. */
function together(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path = ""] of readFileSync(file, "utf8").matchAll(/^(?:import|export|\}) .*?from "(\.[^"]+)";/gm)) {
    const at = join(dirname(file), path);
    const found = [`${at}.tsx`, `${at}.ts`].find((each) => existsSync(each));
    if (found) together(found, seen);
  }
  return seen;
}

test("the first screen has the styles of all that Mantine draws on it", () => {
  const files = [...together(join(SRC, "main.tsx"))];
  expect(files.length).toBeGreaterThan(40);
  const used = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/import \{([^}]+)\} from "@mantine\/core";/g)].flatMap(([, names = ""]) =>
      names.split(",").map((name) => name.trim()),
    ),
  );
  const wanted = new Set(used.flatMap((name) => [name, ...(MADE_OF[name] ?? [])]));
  const styled = [...wanted].filter((name) => existsSync(join(STYLES, `${name}.layer.css`)));
  const first = readFileSync(join(SRC, "theme", "first.css"), "utf8");
  expect(styled).toContain("Button");
  expect(styled.filter((name) => !first.includes(`/${name}.layer.css`))).toEqual([]);
});
