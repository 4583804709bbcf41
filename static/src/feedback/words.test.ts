import { expect, test } from "vitest";
import { barWords, sendWords } from "./words";

const none = { drafts: 0, outdated: 0, open: 0, fixed: 0 };

test("the bar counts what is not sent and what was mended", () => {
  expect(barWords(none)).toContain("Comment on lines");
  expect(barWords({ ...none, drafts: 1 })).toBe("1 comment is not sent yet");
  expect(barWords({ drafts: 2, outdated: 1, open: 1, fixed: 1 })).toBe(
    "2 comments are not sent yet (1 of an older change) · 1 of 2 earlier comments mended",
  );
});

test("each word says what it does", () => {
  expect(sendWords("request_changes", { ...none, drafts: 2 }, false)).toBe(
    "DEV gets 2 comments to mend, and these words. Its rounds count anew.",
  );
  expect(sendWords("request_changes", none, true)).toContain("What runs now is stopped");
  expect(sendWords("approve", { ...none, drafts: 1, open: 1 }, false)).toContain("1 earlier comment not mended");
  expect(sendWords("reject", none, false)).toContain("cancelled");
});
