import { expect, test } from "vitest";
import type { ModelFit } from "../api/types";
import {
  againWords,
  bodyWords,
  fitTag,
  fitWords,
  loadedWords,
  percent,
  progressWords,
  sizeWords,
  workWords,
} from "./words";

const GIB = 2 ** 30;
const fit: ModelFit = {
  context: 8192, kv_type: "q8_0", weights: GIB, kv: GIB / 8, compute: GIB / 4, driver: GIB / 2, total: 1.875 * GIB,
  usable: 3.625 * GIB, fits: true,
}; // prettier-ignore

test("what a model takes is told part by part, at its context", () => {
  expect(fitWords(fit)).toBe(
    "1.0 GiB weights + 128 MiB KV cache (q8_0) + 256 MiB compute buffers + 512 MiB driver = 1.9 GiB of 3.6 GiB at 8,192 tokens",
  );
  expect(fitTag(fit)).toEqual(["fits", "ok"]);
  expect(fitTag({ ...fit, total: 5 * GIB, usable: 3 * GIB, fits: false })).toEqual(["2.0 GiB too large", "wait"]);
});

test("how far a fetch is, also where nobody knows the size", () => {
  expect(percent({})).toBeNull();
  expect(percent({ bytes: 1, total: 0 })).toBeNull();
  expect(percent({ bytes: 50, total: 200 })).toBe(25);
  expect(progressWords({ words: "pulling manifest", bytes: 0, total: null })).toBe("pulling manifest");
  expect(progressWords({ bytes: GIB, total: 2 * GIB, bytes_per_second: 2 ** 20 * 20, seconds_left: 52 })).toBe(
    "1.0 GiB of 2.0 GiB · 20 MiB a second · 52 s left",
  );
  expect(progressWords({ words: 3 })).toBe("");
});

test("a fetch that was cut off goes on, a measurement is done again", () => {
  expect(againWords({ kind: "pull", state: "cancelled" })).toBe("Go on");
  expect(againWords({ kind: "pull", state: "interrupted" })).toBe("Go on");
  expect(againWords({ kind: "pull", state: "done" })).toBe("");
  expect(againWords({ kind: "probe", state: "running" })).toBe("");
  expect(againWords({ kind: "bench", state: "done" })).toBe("Again");
});

test("where a loaded model is", () => {
  const until = null;
  expect(loadedWords({ bytes: 4, card_bytes: 4, context: null, until })).toBe("loaded on the card");
  expect(loadedWords({ bytes: 4, card_bytes: 1, context: null, until })).toBe("loaded, 25 % on the card");
  expect(loadedWords({ bytes: 4, card_bytes: 0, context: null, until })).toBe("loaded, not on the card");
});

test("small things", () => {
  expect(sizeWords(2048)).toBe("2 KiB");
  expect(workWords({ model: "a/b", known: true, complexity: ["simple", "medium"], size: ["S"] })).toBe(
    "simple or medium, size S",
  );
  expect(bodyWords('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(bodyWords("<b>no JSON")).toBe("<b>no JSON");
});
