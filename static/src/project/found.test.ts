import { expect, test } from "vitest";
import { corrections, folderFor, foundOf, languagesWords, nameIn, notesOf } from "./found";

const settings = {
  discovered: {
    language: "python",
    languages: { python: 12, html: 3 },
    package_managers: ["pip"],
    entry_points: ["till.py"],
    notes: ["No tests were found."],
  },
  facts: { package_managers: ["uv"] },
  commands: { test: "pytest", e2e: "pytest" },
  setup: "pip install .",
};

test("the owner's word wins over what was found", () => {
  expect(foundOf(settings)).toEqual({
    language: "python",
    managers: ["uv"],
    entries: ["till.py"],
    test: "pytest",
    e2e: "pytest",
    lint: "",
    setup: "pip install .",
  });
  expect(languagesWords(settings)).toBe("python 12, html 3");
  expect(notesOf(settings)).toEqual(["No tests were found."]);
  expect(foundOf({})).toEqual({ language: "", managers: [], entries: [], test: "", e2e: "", lint: "", setup: "" });
});

test("only what a person changed is a correction, and what equals the files' own word takes it back", () => {
  const said = foundOf(settings);
  expect(corrections(settings, said)).toBeNull();
  expect(corrections(settings, { ...said, lint: " ruff check " })).toEqual({ commands: { lint: "ruff check" } });
  expect(corrections(settings, { ...said, e2e: "", setup: "" })).toEqual({ commands: { e2e: "" }, setup: null });
  expect(corrections(settings, { ...said, managers: ["pip"], entries: [] })).toEqual({
    facts: { package_managers: null, entry_points: [] },
  });
});

test("a name comes out of an address, and a folder out of a name", () => {
  expect(nameIn("https://git.example/shop/till.git")).toBe("till");
  expect(nameIn("git@git.example:till.git")).toBe("till");
  expect(nameIn("/srv/till/")).toBe("till");
  expect(folderFor("Bäckerei № 7: Kasse")).toBe("backerei-no-7-kasse");
  expect(folderFor("…")).toBe("");
});
