import { beforeEach, expect, test } from "vitest";
import { type Command, commandFor, commands, pressOf, register } from "./registry";
import { keysWords, matches } from "./words";

const command = (words: string, keys?: string): Command => ({ words, group: "Test", keys, run: () => undefined });
const bare = { ctrlKey: false, metaKey: false, altKey: false };
let off: (() => void)[] = [];

beforeEach(() => {
  for (const end of off) end();
  off = [];
  commandFor("Escape", 0);
});

test.each([
  [{ ...bare, key: "a" }, "a"],
  [{ ...bare, key: "A" }, "a"],
  [{ ...bare, key: "?" }, "?"],
  [{ ...bare, key: " " }, "Space"],
  [{ ...bare, key: "k", ctrlKey: true }, "ctrl+k"],
  [{ ...bare, key: "k", metaKey: true }, "ctrl+k"],
  [{ ...bare, key: "Shift" }, ""],
])("%j is the press %s", (event, press) => expect(pressOf(event)).toBe(press));

test("of two with the same keys the newest is meant, and the older one again when it has gone", () => {
  off.push(register(command("Board's", "a")));
  const end = register(command("Panel's", "a"));
  expect(commandFor("a")?.words).toBe("Panel's");
  end();
  expect(commandFor("a")?.words).toBe("Board's");
  expect(commands().map((each) => each.words)).toEqual(["Board's"]);
});

test("one key after the other, not too late; the second alone means its own", () => {
  off.push(register(command("Inbox", "g i")), register(command("Inside", "i")));
  expect(commandFor("g", 1_000)).toBeNull();
  expect(commandFor("i", 1_500)?.words).toBe("Inbox");
  expect(commandFor("i", 1_600)?.words).toBe("Inside");
  commandFor("g", 2_000);
  expect(commandFor("i", 9_000)?.words).toBe("Inside");
});

test("keys are said as people read them; words are found by their beginnings", () => {
  expect([keysWords("g i"), keysWords("ctrl+k"), keysWords("Space")]).toEqual(["G then I", "Ctrl K", "Space"]);
  expect([matches("Go to Inbox", "inb go"), matches("Go to Inbox", "box")]).toEqual([true, false]);
});
