import { expect, test } from "vitest";
import { asFile, tooLong } from "./words";

test("what is too long says by how much", () => {
  expect(tooLong(" x ".repeat(3), 20)).toBeNull();
  expect(tooLong("x".repeat(1_000_000), 20_000)).toContain("1 000 000 characters; 20 000 is the most");
});

test("long words become a file that holds all of them", async () => {
  const { text, file } = asFile("Rebuild the till.\nline\n" + "x".repeat(30_000));
  expect(text.startsWith("Rebuild the till.\n")).toBe(true);
  expect(tooLong(text, 300)).toBeNull();
  expect((await file.text()).length).toBe(30_000 + "Rebuild the till.\nline\n".length);
});
