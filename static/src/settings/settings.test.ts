import { expect, test } from "vitest";
import type { Provider, Setting } from "../api/types";
import { draftOf, patchOf } from "./provider";
import { addressWords, keyWords, sectionOf, sourceWords, stateWords, usedByWords, valueWords } from "./words";

const lab: Provider = {
  name: "lab",
  kind: "named",
  url: "http://10.0.0.7:8080/v1",
  environment_url: null,
  protocol: "openai",
  local: false,
  own: true,
  enabled: true,
  has_key: true,
  key_source: "stored",
  source: "database",
  version: 4,
  used_by: [],
};

test("only what differs is sent, and a key only where one was written", () => {
  expect(patchOf(lab, draftOf(lab))).toBeNull();
  expect(patchOf(lab, { ...draftOf(lab), key: "  " })).toBeNull();
  expect(patchOf(lab, { ...draftOf(lab), url: " http://b ", key: "k" })).toEqual({
    version: 4,
    url: "http://b",
    key: "k",
  });
  expect(patchOf(lab, { ...draftOf(lab), protocol: "ollama", local: true })).toEqual({
    version: 4,
    protocol: "ollama",
    local: true,
  });
});

test("a vendor's protocol is its own", () => {
  const groq: Provider = { ...lab, name: "groq", kind: "vendor" };
  expect(patchOf(groq, { ...draftOf(groq), protocol: "ollama", local: true })).toBeNull();
});

test("where a value comes from is said with what would hold otherwise", () => {
  const setting: Setting = {
    name: "daily_budget_usd",
    value: 5,
    source: "database",
    environment: null,
    variable: "DAILY_BUDGET_USD",
    effect: "",
  };
  expect(sourceWords(setting)).toBe("set here; DAILY_BUDGET_USD says no limit");
  expect(sourceWords({ ...setting, source: "environment" })).toBe("from DAILY_BUDGET_USD");
  expect(sourceWords({ ...setting, source: "default" })).toBe("the default; DAILY_BUDGET_USD is not set");
  expect(valueWords(0.5, "run_budget_usd")).toBe("$0.5");
  expect(valueWords(false, "offline")).toBe("off");
  expect(valueWords(null, "vision_model")).toBe("the first of VISION_MODELS");
});

test("a provider says in words how it stands", () => {
  expect(stateWords(lab).words).toBe("on your own machines");
  expect(stateWords({ ...lab, enabled: false }).words).toBe("needs a key");
  expect(keyWords(lab)).toBe("a key is kept, encrypted");
  expect(keyWords({ ...lab, key_source: null })).toBe("no key");
  expect(addressWords({ ...lab, environment_url: "http://a" })).toBe("set here; the environment says http://a");
  expect(usedByWords({ kind: "role", id: null, name: "qa", models: ["lab/m"] })).toBe("role qa (lab/m)");
});

test("an unknown section is the first one", () => {
  expect(sectionOf("look")).toBe("look");
  expect(sectionOf("nothing")).toBe("models");
  expect(sectionOf(null)).toBe("models");
});
