import { expect, test } from "vitest";
import type { ChatCommand } from "../api/types";
import { completed, completions } from "./completion";

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
