import { expect, test } from "vitest";
import type { OutputLine } from "./outputFeed";
import { OutputLog, unpack } from "./outputLog";

let seq = 0;
const line = (kind: string, text: string, data: Record<string, unknown> = {}, step = "0-edit"): OutputLine => ({
  step,
  seq: ++seq,
  at: "",
  kind,
  text,
  data,
});
const shown = (log: OutputLog) => log.rows.map((row) => log.textOf(unpack(row)));

test("a tool's call and its result are one block, folded to its head", () => {
  const log = new OutputLog();
  log.append([line("tool_call", "grep refund"), line("tool_result", "a.py:1\nb.py:2", { ok: true })]);
  expect(shown(log)).toEqual(["edit", "grep refund"]);
  log.toggle(1);
  expect(shown(log)).toEqual(["edit", "grep refund", "a.py:1", "b.py:2"]);
  log.foldAll(true);
  expect(shown(log)).toEqual(["edit", "grep refund"]);
});

test("output that comes in pieces is put together to lines, what names no source is a line of its own", () => {
  const log = new OutputLog();
  const piece = (text: string) => line("output", text, { source: "tests" }, "1-tests");
  log.append([piece("..")]);
  log.append([piece("..F\nFAIL"), piece("URES\n"), piece("end")]);
  expect(shown(log)).toEqual(["tests", "....F", "FAILURES", "end"]);
  const other = new OutputLog();
  other.append([line("output", "Applied a"), line("output", "Applied b")]);
  expect(shown(other)).toEqual(["edit", "Applied a", "Applied b"]);
});

test("an edit has its diff without the names, a thought its first line as head", () => {
  const log = new OutputLog();
  log.append([
    line("edit", "a.py +1 -0", { diff: "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n+x" }),
    line("thought", "First I look.\nThen I act."),
  ]);
  expect(log.blocks[1]?.lines).toEqual(["@@ -1 +1 @@", "+x"]);
  expect(shown(log)).toEqual(["edit", "a.py +1 -0", "First I look."]);
});

test("what is folded away is found, and shown where it is", () => {
  const log = new OutputLog();
  log.append([line("thought", "Head\nthe NEEDLE here"), line("output", "plain"), line("tests", "3 passed, 1 failed")]);
  const [found] = log.find("needle");
  expect(found).toEqual({ block: 1, line: 0 });
  log.toggle(0);
  expect(shown(log)).toEqual(["edit"]);
  const row = log.reveal({ block: 1, line: 0 });
  expect(shown(log)[row]).toBe("the NEEDLE here");
  expect(log.blocks.at(-1)?.bad).toBe(true);
  expect(log.text()).toBe("edit\nHead\nthe NEEDLE here\nplain\n3 passed, 1 failed");
});

test("a hundred thousand lines are taken in, shown and searched in a moment", () => {
  const log = new OutputLog();
  const begun = performance.now();
  for (let burst = 0; burst < 1_000; burst++)
    log.append(Array.from({ length: 100 }, (_, n) => line("output", `line ${burst}/${n}\n`, { source: "tests" })));
  expect(log.rows.length).toBe(100_001);
  expect(log.find("line 999/99").length).toBe(1);
  expect(performance.now() - begun).toBeLessThan(2_000);
});
