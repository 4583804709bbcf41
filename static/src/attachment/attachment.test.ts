import { expect, test } from "vitest";
import { isSame, refusal, withFiles } from "./limits";
import { fitted } from "./shrink";
import { extensionOf } from "./words";

const LIMITS = { files: 2, file_bytes: 1_000_000, bytes: 1_500_000 };
const sized = (name: string, size: number) => ({ name, size });

test("a file within the limits comes along", () => {
  expect(refusal(sized("a.png", 1_000_000), [], LIMITS)).toBeNull();
});

test.each([
  [sized("a.png", 1_000_001), [], "a.png has 1.0 MB; 1.0 MB is the most"],
  [sized("folder", 0), [], "A folder can't be sent"],
  [sized("c.txt", 1), [sized("a", 1), sized("b", 1)], "2 files is the most"],
  [sized("b.png", 900_000), [sized("a.png", 900_000)], "more than 1.5 MB together"],
])("%j after %j is refused with a sentence", (file, chosen, words) => {
  expect(refusal(file, chosen, LIMITS)).toContain(words);
});

test("a picture keeps its proportion, and one that is small enough its size", () => {
  expect(fitted(4000, 3000)).toEqual({ width: 2048, height: 1536 });
  expect(fitted(20_000, 3)).toEqual({ width: 2048, height: 1 });
  expect(fitted(2048, 2048)).toBeNull();
});

test("the same file twice is known", () => {
  const file = new File(["x"], "a.txt", { lastModified: 1 });
  expect(isSame(file, new File(["y"], "a.txt", { lastModified: 1 }))).toBe(true);
  expect(isSame(file, new File(["x"], "a.txt", { lastModified: 2 }))).toBe(false);
});

test("two choices at once count together, and each file comes once", () => {
  const [one, two, three] = ["a.txt", "b.txt", "c.txt"].map((name) => new File(["x"], name, { lastModified: 1 }));
  if (!one || !two || !three) throw new Error("three files are needed");
  const first = withFiles({ files: [], refused: [] }, [one], LIMITS);
  const second = withFiles(first, [one, two, three], LIMITS);
  expect(second.files).toEqual([one, two]);
  expect(second.refused).toEqual([expect.stringContaining("c.txt is one too many")]);
  expect(withFiles(second, [two], LIMITS)).toEqual(second);
});

test.each([
  ["notes.pdf", "PDF"],
  ["Makefile", "file"],
  ["a.tar.gz", "GZ"],
])("%s is called %s", (name, words) => expect(extensionOf(name)).toBe(words));
