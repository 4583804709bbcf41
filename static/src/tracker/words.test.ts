import { describe, expect, it } from "vitest";
import { Problem } from "../api/problem";
import type { Import, OutsideItem } from "../api/types";
import { troubleOf } from "./trouble";
import { DID, importWords, linked, safeLink, sumWords, WOULD } from "./words";

const items = ["new", "new", "same", "differs"].map((verdict) => ({ verdict }) as OutsideItem);
const one = (more: Partial<Import>): Import =>
  ({ id: 1, state: "done", total: 4, items, comments: 0, files: 0, notes: [], fault: null, ...more }) as Import;

describe("the words of an import", () => {
  it("sum up what it would do and did", () => {
    expect(sumWords(items, WOULD)).toBe("2 to be made, 1 stays as it is, 1 yours stays");
    expect(sumWords(items, DID)).toBe("2 made, 1 as it was, 1 yours stayed");
  });

  it("tell how it goes", () => {
    expect(importWords(one({ state: "running", total: null, items: [] }))).toBe("Their subtasks are looked up.");
    expect(importWords(one({ state: "running", total: 9 }))).toBe("4 of 9 tasks");
    expect(importWords(one({ comments: 1, files: 2 }))).toBe(
      "2 made, 1 as it was, 1 yours stayed, with 1 comment and 2 files.",
    );
    expect(importWords(one({ state: "failed", items: [] }))).toBe("Nothing came.");
  });

  it("lead only to pages", () => {
    expect(safeLink("https://app.asana.com/0/1")).toBe("https://app.asana.com/0/1");
    for (const url of ["javascript:alert(1)", "data:text/html,x", "", " https://x"]) expect(safeLink(url)).toBeNull();
    expect(linked("Make one at https://app.asana.com/0/my-apps. It can do all.")).toEqual([
      "Make one at ",
      "https://app.asana.com/0/my-apps",
      ". It can do all.",
    ]);
  });
});

describe("what a tracker refused", () => {
  const trouble = (code: string) => troubleOf(new Problem(400, code, "It said no.", "GET /somewhere"));

  it("leads to where it is put right, in the page's words", () => {
    expect(trouble("tracker_sign_in").to).toBe("sign-in");
    expect(trouble("tracker_not_found").to).toBe("theirs");
    expect(trouble("tracker_busy").to).toBeNull();
    for (const code of ["tracker_sign_in", "tracker_not_found", "tracker_busy", "tracker_unreachable"]) {
      const { problem } = trouble(code);
      expect(problem.message).toBe("It said no.");
      expect(problem.wayOut).not.toMatch(/GET|POST/);
    }
  });

  it("keeps the hub's own way out where it is not known", () => {
    expect(trouble("conflict").problem.wayOut).toBe("GET /somewhere");
  });
});
