import { parseDiff } from "react-diff-view";
import { expect, test } from "vitest";
import { conflictsOf } from "./conflicts";
import {
  factsOf,
  type FileChange,
  fingerprint,
  isGenerated,
  modesOf,
  onlySpaces,
  pathOf,
  whyFolded,
} from "./fileFacts";
import { changeAt, keyAt, placeOf } from "./places";
import { inOrder, treeOf } from "./tree";

const file = (path: string, change: Partial<FileChange> = {}): FileChange => ({
  path,
  old_path: null,
  status: "modified",
  added: 1,
  removed: 1,
  binary: false,
  ...change,
});
const patch = (body: string) => parseDiff(`diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n${body}`)[0];
const SPACES = patch("@@ -1,2 +1,2 @@\n keep\n-if x :\n+if  x:\n");
const WORDS = patch("@@ -4,2 +4,3 @@\n keep\n-old\n+new\n+more\n");

test("spaces alone are told, and a real change is none", () => {
  expect(onlySpaces(SPACES?.hunks ?? [])).toBe(true);
  expect(onlySpaces(WORDS?.hunks ?? [])).toBe(false);
  expect(onlySpaces([])).toBe(false);
});

test("what a reader has to know stands in words", () => {
  expect(
    factsOf(file("a b.py"), WORDS, modesOf("diff --git a/a b.py b/a b.py\nold mode 100644\nnew mode 100755\n")),
  ).toEqual(["may be run now"]);
  expect(factsOf(file("a.py"), SPACES)).toEqual(["only spaces"]);
  expect(factsOf(file("logo.png", { status: "added", binary: true }), undefined)).toEqual(["new", "binary"]);
  expect(factsOf(file("package-lock.json", { status: "deleted" }), undefined)).toEqual(["deleted", "generated"]);
  expect(factsOf(file("b.py", { status: "renamed", old_path: "a.py" }), undefined)).toEqual(["renamed"]);
});

test("large and generated files begin folded", () => {
  expect(isGenerated("web/dist/app.js")).toBe(true);
  expect(isGenerated("src/distance.py")).toBe(false);
  expect(whyFolded(file("a.py", { added: 390, removed: 20 }))).toBe("large");
  expect(whyFolded(file("a.py"))).toBeNull();
});

test("a viewed mark knows the change it was made for", () => {
  expect(fingerprint(WORDS)).toBe(fingerprint(WORDS));
  expect(fingerprint(WORDS)).not.toBe(fingerprint(SPACES));
});

test("a line is found by its number on its side", () => {
  expect(keyAt(WORDS, { side: "new", line: 6 })).toBe("I6");
  expect(keyAt(WORDS, { side: "old", line: 5 })).toBe("D5");
  expect(keyAt(WORDS, { side: "new", line: 99 })).toBeNull();
  const removed = changeAt(WORDS, { side: "old", line: 5 });
  expect(removed && placeOf(removed)).toEqual({ side: "old", line: 5 });
});

test("folders with one folder in them are one line, files come in the tree's order", () => {
  const tree = treeOf([file("README.md"), file("src/till/a.py"), file("src/till/b.py"), file("tests/x.py")]);
  expect(tree.folders.map(({ name }) => name)).toEqual(["src/till", "tests"]);
  expect(inOrder(tree).map(({ path }) => path)).toEqual(["src/till/a.py", "src/till/b.py", "tests/x.py", "README.md"]);
});

test("conflicts are read out of the newest handoff that is still open, whatever else is in it", () => {
  const data = {
    conflicts: [{ path: "a.py", binary: false, hunks: [{ line: 3, target: "x", branch: "y" }] }, 7, { path: 1 }],
  };
  expect(conflictsOf([{ id: 2, state: "created", data }])).toEqual([
    { path: "a.py", binary: false, places: [{ line: 3, target: "x", branch: "y" }] },
  ]);
  expect(conflictsOf([{ id: 2, state: "completed", data }])).toEqual([]);
  expect(
    conflictsOf([{ id: 2, state: "created", data: { conflicts: [{ path: "b", target: null, branch: "z" }] } }]),
  ).toEqual([{ path: "b", binary: false, places: [{ line: null, target: null, branch: "z" }] }]);
});

test("a path is told as git means it, with spaces and with quotes", () => {
  const paths = (diff: string) => parseDiff(diff).map(pathOf);
  const head = "new file mode 100644\nindex 0000000..1111111\n--- /dev/null\n";
  const tail = "@@ -0,0 +1 @@\n+hello\n";
  expect(paths(`diff --git a/a b.md b/a b.md\n${head}+++ b/a b.md\t\n${tail}`)).toEqual(["a b.md"]);
  const quoted = String.raw`"b/say \"hi\"\there\001.md"`;
  expect(paths(`diff --git ${quoted} ${quoted}\n${head}+++ ${quoted}\n${tail}`)).toEqual(['say "hi"\there\u0001.md']);
});
