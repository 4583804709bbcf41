import { expect, test } from "vitest";
import type { Role } from "../api/types";
import { draftOf, leftOf, movedTo, patchOf, rebased } from "./draft";
import { modelsWords, purpose } from "./words";

const ROLE = {
  name: "dev",
  version: 3,
  title: "DEV",
  prompt: "You are a developer. You edit files.",
  principles: "- Be kind.",
  model: null,
  models: ["ollama/small", { model: "ollama/large", complexity: ["complex"], size: [] }],
  settings: { limits: { model_turns: 20 } },
} as unknown as Role;

test("only what differs is sent, with the version that was read", () => {
  const draft = draftOf(ROLE);
  expect(patchOf(ROLE, draft)).toBeNull();
  expect(patchOf(ROLE, { ...draft, principles: "" })).toEqual({ version: 3, principles: "" });
});

test("models keep their order and their conditions; an empty name is left out, none at all is null", () => {
  const draft = draftOf(ROLE);
  const empty = { model: " ", complexity: [], size: [] };
  expect(patchOf(ROLE, { ...draft, models: [...draft.models, empty] })).toBeNull();
  expect(patchOf(ROLE, { ...draft, models: movedTo(draft.models, 1, 0) })?.models).toEqual([
    { model: "ollama/large", complexity: ["complex"], size: [] },
    "ollama/small",
  ]);
  expect([movedTo([1, 2, 3], 2, 0), movedTo([1, 2, 3], 0, 1), movedTo([1, 2], 0, 2)]).toEqual([
    [3, 1, 2],
    [2, 1, 3],
    [1, 2],
  ]);
  expect(patchOf(ROLE, { ...draft, models: [] })?.models).toBeNull();
});

test("who goes on over a newer version puts back nothing that others changed", () => {
  const begun = draftOf(ROLE);
  const mine = { ...begun, title: "Developer" };
  const newer = { ...ROLE, version: 4, prompt: "Theirs.", settings: { limits: { model_turns: 5 } } } as unknown as Role;
  const next = rebased(newer, mine);
  expect([next.base, next.title, next.prompt]).toEqual([4, "Developer", "Theirs."]);
  expect(patchOf(newer, next)).toEqual({ version: 4, title: "Developer" });
});

test("what was written while a role was saved is left to be saved next", () => {
  const sent = { ...draftOf(ROLE), title: "Developer" };
  const saved = { ...ROLE, version: 4, title: "Developer" };
  expect(leftOf(sent, sent, saved)).toBeNull();
  const later = leftOf({ ...sent, prompt: "You are" }, sent, saved);
  expect(later && patchOf(saved, later)).toEqual({ version: 4, prompt: "You are" });
});

test("a role is told in a line", () => {
  expect(purpose(ROLE.prompt)).toBe("You are a developer.");
  expect(purpose("no stop")).toBe("no stop");
  expect(modelsWords(ROLE)).toBe("small, then large");
  expect(modelsWords({ model: null, models: null })).toBe("the project's model");
});
