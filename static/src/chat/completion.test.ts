import { expect, test } from "vitest";
import type { ChatCommand, TaskRow } from "../api/types";
import { completed, completions, isWhole, keyTyped, offers } from "./completion";

const commands: ChatCommand[] = ["/status", "/show KEY", "/run KEY [STAGE]"].map((usage) => ({
  name: usage.split(" ", 1)[0]?.slice(1) ?? "",
  usage,
  does: "",
  asks_first: false,
}));
const names = (text: string) => completions(text, commands).map(({ name }) => name);

test("only the name of a command is completed", () => {
  expect(names("/")).toEqual(["status", "show", "run"]);
  expect(names("/S")).toEqual(["status", "show"]);
  expect(names("/show ")).toEqual([]);
  expect(names("a /s")).toEqual([]);
  expect(names("/x")).toEqual([]);
});

test("where words follow, there is room for them", () => {
  expect(commands.map(completed)).toEqual(["/status", "/show ", "/run "]);
});

const tasks = ["WEB-1", "WEB-12", "TIL-3"].map((key) => ({ key, title: `Do ${key}` }) as TaskRow);
const typed = (text: string) => keyTyped(text, text.length, commands);
const offered = (text: string, caret = text.length) => offers(text, caret, commands, tasks);

test("a key that begins before the caret is completed", () => {
  expect(["Why did web-1", "WEB-", "(til-", "/show WE", "/run web-1"].map(typed)).toEqual([
    "web-1",
    "WEB-",
    "til-",
    "WE",
    "web-1",
  ]);
  expect(["WEB", "/status WE", "/show ", "a web-1 ", "x/web-1", "-1", ""].map(typed)).toEqual(Array(7).fill(null));
  expect(keyTyped("WEB-12", 4, commands)).toBeNull();
});

test("it takes the place of what was typed, and the rest stays", () => {
  expect(offered("Why did web-1").map(({ code }) => code)).toEqual(["WEB-1", "WEB-12"]);
  expect(offered("Why did web-12")[0]).toMatchObject({ text: "Why did WEB-12 ", caret: 15 });
  expect(offered("Is til- done?", 7)[0]).toMatchObject({ text: "Is TIL-3 done?", caret: 9 });
  expect(offered("/sh")[0]).toMatchObject({ text: "/show ", caret: 6 });
  expect(offered("UTF-8")).toEqual([]);
});

test("what is typed whole is sent by Enter", () => {
  const [first, second] = offered("Why did WEB-1");
  expect(first && isWhole(first, "Why did WEB-1", 13)).toBe(true);
  expect(second && isWhole(second, "Why did WEB-1", 13)).toBe(false);
  const [status] = offered("/status");
  expect(status && isWhole(status, "/status", 7)).toBe(true);
});
