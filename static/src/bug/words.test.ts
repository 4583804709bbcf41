import { expect, test } from "vitest";
import { browserWords, pictureAmong, titleOf } from "./words";

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0", "Firefox 151 on Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.1",
    "Edge 150 on Windows",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
    "Safari 19 on iOS",
  ],
  [
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36",
    "Chrome 150 on Android",
  ],
  ["curl/8.1", "curl/8.1"],
])("%s is called by its name", (agent, words) => expect(browserWords(agent)).toBe(words));

test("the first line is the title", () => {
  expect(titleOf("  The total is wrong\nafter a refund")).toBe("The total is wrong");
  const long = titleOf(`${"word ".repeat(60)}end`);
  expect(long.length).toBeLessThanOrEqual(120);
  expect(long.endsWith("word…")).toBe(true);
  expect(titleOf("x".repeat(500)).length).toBeLessThanOrEqual(120);
});

test("a picture is found among other files", () => {
  const picture = new File(["x"], "a.png", { type: "image/png" });
  expect(pictureAmong([new File(["x"], "a.svg", { type: "image/svg+xml" }), picture])).toBe(picture);
  expect(pictureAmong(undefined)).toBeNull();
});
