import { expect, test } from "vitest";
import { choosing } from "./choosing";

const LIMITS = { files: 2, file_bytes: 10, bytes: 20 };
const named = (name: string, size = 1) => new File(["x".repeat(size)], name, { lastModified: 1 });

/** Files that become ready when they are told to. */
function slow() {
  const waiting: (() => void)[] = [];
  const ready = (file: File) => new Promise<File>((resolve) => waiting.push(() => resolve(file)));
  return { chosen: choosing(ready), go: () => waiting.splice(0).forEach((each) => each()) };
}

test("what is sent waits for the files that are still made ready", async () => {
  const { chosen, go } = slow();
  const [photo, plan] = [named("photo.png"), named("plan.png")];
  void chosen.add([photo], LIMITS);
  void chosen.add([plan], LIMITS);
  expect(chosen.get()).toEqual({ files: [], refused: [], coming: 2 });
  const sent = chosen.all();
  go();
  expect(await sent).toEqual([photo, plan]);
  expect(chosen.get().coming).toBe(0);
});

test("a file that is refused while the person waits holds everything back; one that they read of does not", async () => {
  const { chosen, go } = slow();
  const [small, large] = [named("small.png"), named("large.png", 11)];
  void chosen.add([small, large], LIMITS);
  const sent = chosen.all();
  go();
  await expect(sent).rejects.toThrow("Nothing was sent");
  expect(chosen.get().refused).toEqual([expect.stringContaining("large.png has 11 bytes")]);
  expect(await chosen.all()).toEqual([small]);
});

test("what came while others were on their way stays for the next time", async () => {
  const { chosen, go } = slow();
  const [first, later] = [named("first.png"), named("later.png")];
  void chosen.add([first], LIMITS);
  go();
  const sent = await chosen.all();
  void chosen.add([later], LIMITS);
  go();
  await chosen.all();
  chosen.leaveOut(sent);
  expect(chosen.get().files).toEqual([later]);
});

test("a file that can't be made ready is not waited for forever", async () => {
  const chosen = choosing(() => Promise.reject(new Error("no memory")));
  await expect(chosen.add([named("a.png")], LIMITS)).rejects.toThrow("no memory");
  expect(chosen.get().coming).toBe(0);
  expect(await chosen.all()).toEqual([]);
});

test("who looks is told of each change", async () => {
  const chosen = choosing((file) => Promise.resolve(file));
  let told = 0;
  const leave = chosen.on(() => (told += 1));
  await chosen.add([named("a.txt")], LIMITS);
  expect(told).toBeGreaterThan(0);
  leave();
  const before = told;
  chosen.leaveOut(chosen.get().files);
  expect([told, chosen.get().files]).toEqual([before, []]);
});
