import { expect, test } from "vitest";
import type { Models } from "./queries";
import { fitWords, readiness, suggestion } from "./words";

const provider = {
  name: "ollama",
  own: true,
  answers: true,
  fetches: true,
  scripted: false,
  sentence: "",
  way_out: "",
};
const hub = (more: object, model = "ollama/qwen:1b") =>
  ({ default_model: model, providers: [{ ...provider, models: [], ...more }] }) as unknown as Models;

test("the hub is ready when its model's provider answers and has it", () => {
  expect(readiness(hub({ models: [{ name: "ollama/qwen:1b" }] })).ready).toBe(true);
  expect(readiness(hub({}))).toMatchObject({
    ready: false,
    sentence: "The model is ollama/qwen:1b, and ollama does not have it.",
  });
  expect(readiness(hub({ answers: false, sentence: "Nobody answers there." })).sentence).toContain(
    "Nobody answers there.",
  );
  expect(readiness(hub({}, "anthropic/x")).sentence).toContain("no provider anthropic");
  expect(readiness(hub({ name: "scripted", scripted: true }, "scripted/till"))).toMatchObject({
    ready: true,
    scripted: true,
  });
});

test("what fits the card is said in words", () => {
  const fit = { context: 8192, total: 5.6e9, usable: 3.5e9 };
  expect(fitWords({ fit: { ...fit, fits: true } as never, largest_context: 32768, fit_fault: "" })).toBe(
    "fits the card with a context of 8,192 tokens",
  );
  expect(fitWords({ fit: { ...fit, fits: false } as never, largest_context: null, fit_fault: "" })).toBe(
    "too large for the card (5.6 GB of 3.5 GB): slow, partly on the processor",
  );
  expect(fitWords({ fit: { ...fit, fits: false } as never, largest_context: 2048, fit_fault: "" })).toContain(
    "2,048 tokens at most",
  );
  expect(fitWords({ fit: null, largest_context: null, fit_fault: "" })).toBe("");
});

test("the model to fetch first is the hub's own, or a small one where there is none", () => {
  const has = (...names: string[]) => ({ name: "ollama", models: names.map((name) => ({ name })) }) as never;
  expect(suggestion("ollama/qwen:1b", has())?.model).toBe("ollama/qwen:1b");
  expect(suggestion("ollama/qwen:1b", has("ollama/other"))?.sentence).toContain("does not have it yet");
  expect(suggestion("ollama/qwen:1b", has("ollama/qwen:1b"))).toBeNull();
  expect(suggestion("ollama/qwen", has("ollama/qwen:latest"))).toBeNull();
  expect(suggestion("anthropic/claude", has())?.model).toBe("ollama/qwen2.5-coder:1.5b");
  expect(suggestion("anthropic/claude", has("ollama/other"))).toBeNull();
});
