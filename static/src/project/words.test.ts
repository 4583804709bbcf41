import { expect, test } from "vitest";
import { countsWords } from "./words";

test("only what there is is counted", () => {
  expect(countsWords({ running: 1, waiting: 2, open: 7 })).toBe("1 running, 2 wait for you, 7 open");
  expect(countsWords({ running: 0, waiting: 1, open: 1 })).toBe("1 waits for you, 1 open");
  expect(countsWords({ running: 0, waiting: 0, open: 0 })).toBe("Nothing is open");
});
