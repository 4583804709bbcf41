import { expect, test } from "vitest";
import type { FullHealth, HealthPart } from "../api/types";
import { healthWords, partName, worstFirst } from "./words";

const part = (status: HealthPart["status"], kind: HealthPart["kind"] = "database", name = "database"): HealthPart => ({
  kind,
  name,
  status,
  latency_ms: 1,
  sentence: "It answers.",
  way_out: "",
  facts: {},
});
const health = (status: FullHealth["status"], parts: HealthPart[]): FullHealth => ({
  status,
  sentence: "",
  version: "1",
  checked_at: "2026-01-01T00:00:00Z",
  parts,
});

test("says how many parts are not well", () => {
  expect(healthWords(health("well", [part("well"), part("off")]))).toBe("All is well");
  expect(healthWords(health("unwell", [part("unwell"), part("unwell"), part("unknown")]))).toBe("2 not well");
  expect(healthWords(health("unknown", [part("unknown"), part("well")]))).toBe("1 unknown");
});

test("what is wrong comes first, and the rest keeps its order", () => {
  const parts = [part("well"), part("off", "containers"), part("unwell", "agent"), part("well", "engine")];
  expect(worstFirst(parts).map((one) => one.kind)).toEqual(["agent", "database", "engine", "containers"]);
});

test("parts have names that people know", () => {
  expect(partName(part("well", "model", "ollama"))).toBe("Models of ollama");
  expect(partName(part("well", "disk", "workspaces"))).toBe("Disk of the workspaces");
});

test("a further agent goes by its name", () => {
  expect(partName(part("well", "agent", "agent-api"))).toBe("Agents");
  expect(partName(part("well", "agent", "second"))).toBe("Agent second");
});
