import { expect, test } from "vitest";
import { filesStay, meaningOf } from "./meaning";

test("what asks is a question, what does not is work", () => {
  for (const words of [
    "Why did QA fail?",
    "what waits for me",
    "Was hat das gekostet?",
    "is it done",
    "Show me the plan",
  ])
    expect(meaningOf(words, false, 0), words).toBe("question");
  for (const words of ["Receipts should show the total in words.", "A file that greets", "Do it in two languages."])
    expect(meaningOf(words, false, 0), words).toBe("request");
});

test("in a task's thread one talks about the task", () => {
  expect(meaningOf("The third test is odd", true, 0)).toBe("question");
});

test("files are for work", () => {
  expect(meaningOf("Why is this picture so dark?", false, 1)).toBe("request");
});

test("a slash begins a command, a path does not", () => {
  for (const words of ["/status", " /run TILL-3", "/"]) expect(meaningOf(words, true, 1), words).toBe("command");
  expect(meaningOf("/home/ann/till is slow", false, 0)).toBe("request");
});

test("files that nobody would look at are not sent, and not dropped", () => {
  expect(filesStay("request", 2)).toBeNull();
  expect(filesStay("question", 0)).toBeNull();
  expect(filesStay("question", 1)).toContain("take the files away");
  expect(filesStay("command", 1)).toContain("A command takes no files");
});
