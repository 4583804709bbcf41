import { expect, test } from "vitest";
import type { Role } from "../api/types";
import { draftOf, movedTo, patchOf } from "./draft";
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

test("a role is told in a line", () => {
  expect(purpose(ROLE.prompt)).toBe("You are a developer.");
  expect(purpose("no stop")).toBe("no stop");
  expect(modelsWords(ROLE)).toBe("small, then large");
  expect(modelsWords({ model: null, models: null })).toBe("the project's model");
});
