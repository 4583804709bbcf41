import { describe, expect, it } from "vitest";
import { after, BLANK, type Draft, reached, readDraft, stepAt } from "./draft";

const WHOLE: Draft = {
  ...BLANK,
  provider: "asana",
  credential: 3,
  theirs: { id: "10", name: "Shop" },
  project: 1,
  mapping: 7,
  chosen: ["1", "2"],
  files: false,
  begun: 4,
};

describe("what was chosen", () => {
  it("comes back as it was kept", () => {
    expect(readDraft(JSON.stringify(WHOLE))).toEqual(WHOLE);
  });

  it("is nothing where nothing, or nothing readable, was kept", () => {
    for (const text of [null, "", "{", "null", "5", '"x"']) expect(readDraft(text)).toEqual(BLANK);
    const odd = { provider: 5, credential: "3", theirs: { id: 1 }, chosen: ["1", 2], subtasks: "no", begun: null };
    expect(readDraft(JSON.stringify(odd))).toEqual({ ...BLANK, chosen: ["1"] });
  });

  it("holds no field that could hold a token", () => {
    const typed = { ...WHOLE, token: "secret", label: "mine" };
    expect(JSON.stringify(readDraft(JSON.stringify(typed)))).not.toContain("secret");
  });

  it("loses what hung on another choice, and nothing else", () => {
    const elsewhere = after(WHOLE, { provider: "made_up" });
    expect(elsewhere).toMatchObject({ provider: "made_up", credential: null, theirs: null, mapping: null, chosen: [] });
    expect(elsewhere).toMatchObject({ project: 1, files: false });
    expect(after(WHOLE, { provider: "asana" })).toEqual(WHOLE);
    expect(after(WHOLE, { theirs: { id: "10", name: "Shop, renamed" } }).mapping).toBe(7);
    expect(after(WHOLE, { theirs: { id: "11", name: "Attic" } })).toMatchObject({ mapping: null, chosen: [] });
    expect(after(WHOLE, { project: 2 })).toMatchObject({ mapping: null, begun: null, chosen: ["1", "2"] });
  });
});

describe("the step", () => {
  it("is the furthest that can be stood at", () => {
    expect(reached(BLANK)).toBe("provider");
    expect(reached({ ...WHOLE, credential: null })).toBe("sign-in");
    expect(reached({ ...WHOLE, theirs: null })).toBe("theirs");
    expect(reached({ ...WHOLE, mapping: null })).toBe("ours");
    expect(reached(WHOLE)).toBe("tasks");
  });

  it("is the one in the address, as far as what was chosen leads", () => {
    expect(stepAt("theirs", WHOLE)).toBe("theirs");
    expect(stepAt(undefined, WHOLE)).toBe("tasks");
    expect(stepAt("nonsense", WHOLE)).toBe("tasks");
    expect(stepAt("tasks", BLANK)).toBe("provider");
  });
});
