import { expect, test } from "vitest";
import { HOME, placeAfter, readPlace, writePlace } from "../place/place";
import { readRunFilter } from "../run/filter";
import { ENDED, runsBehind } from "./runsLink";

const span = { begins: "2026-03-28T23:00:00Z", ends: "2026-03-29T22:00:00Z" };
const metrics = { ...HOME, project: 3, view: "metrics", span: "7" } as const;
const asked = (behind: Parameters<typeof runsBehind>[0]) => {
  const place = readPlace(writePlace(placeAfter(metrics, runsBehind(behind, span))));
  return { project: place.project, view: place.view, ...readRunFilter(place.asked) };
};

test("a figure leads to the runs of its own row, of the same project and span", () => {
  expect(asked({ state: "passed,failed", stage: "dev", started: true })).toEqual({
    project: 3, view: "runs", state: ["passed", "failed"], stage: "dev", role: null, model: null, agent: null,
    started: true, text: null, since: "2026-03-28T23:00:00.000Z", until: "2026-03-29T22:00:00.000Z",
  }); // prettier-ignore
});

test("a row without a role is not a row of all roles", () => {
  expect(asked({ state: ENDED, role: null })).toMatchObject({ role: "-", model: null });
  expect(asked({ state: ENDED, role: "dev", model: null })).toMatchObject({ role: "dev", model: "-" });
  expect(asked({ state: ENDED }).state).toEqual(["passed", "failed", "blocked", "cancelled", "lost"]);
});
