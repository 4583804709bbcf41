import { expect, test, vi } from "vitest";

vi.stubGlobal("window", { location: { origin: "http://hub" } });
const { allOf } = await import("./pages");

const answer = (data: number[], next: string | null) =>
  Promise.resolve({ data, response: new Response(null, { headers: next === null ? {} : { "X-Next-Cursor": next } }) });

test("a list is read to its end, page after page", async () => {
  const asked: (string | null)[] = [];
  const rows = await allOf((cursor) => {
    asked.push(cursor);
    return cursor === null ? answer([3, 2], "two") : cursor === "two" ? answer([1], "three") : answer([], null);
  });
  expect([rows, asked]).toEqual([
    [3, 2, 1],
    [null, "two", "three"],
  ]);
});

test("a page that is refused refuses the list", async () => {
  const refused = () => Promise.resolve({ error: { detail: "No." }, response: new Response(null, { status: 403 }) });
  await expect(allOf<number>(refused)).rejects.toThrow("No.");
});
