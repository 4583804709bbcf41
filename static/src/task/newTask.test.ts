import { expect, test } from "vitest";
import { BLANK, bodyOf, faultsIn } from "./newTask";

test("criteria without words are left out, and a fault finds its way back to its place", () => {
  const draft = {
    ...BLANK,
    title: " Say hello ",
    criteria: [
      { text: " ", check: "" },
      { text: "It says hello ", check: " a test" },
    ],
    parent: "3",
    after: ["4", "5"],
  };
  const { body, places } = bodyOf(draft, 7);
  expect(body).toMatchObject({
    project_id: 7,
    title: "Say hello",
    criteria: [{ text: "It says hello", check: "a test" }],
    parent_id: 3,
    blocked_by: [4, 5],
    stage: null,
  });
  expect(faultsIn({ "criteria.0.text": "too long", title: "too short", parent_id: "no" }, places)).toEqual({
    "criteria.1": "too long",
    title: "too short",
    parent: "no",
  });
});
