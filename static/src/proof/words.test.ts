import { expect, test } from "vitest";
import { proofWords, sizeWords } from "./words";

test("a test report says its counts", () => {
  expect(proofWords({ facts: { tests: { passed: 44, failed: 0, errors: 0 } } })).toBe("44 passed");
  expect(proofWords({ facts: { tests: { passed: 43, failed: 1, errors: 1 } } })).toBe("43 passed, 2 failed");
  expect(proofWords({ facts: {} })).toBe("");
});

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [4321, "4.3 kB"],
  [43_210, "43 kB"],
  [4_321_000, "4.3 MB"],
])("%d bytes are %s", (bytes, words) => expect(sizeWords(bytes)).toBe(words));
