import { expect, test } from "vitest";
import { meansOf } from "./means";

const last = "It holds from the next item on; what waits already is not told again.";

test("each change says what it means, and where things go", () => {
  expect(meansOf({ webhook_url: "https://phone.example/ring?a=b" })).toEqual([
    "phone.example is called with the title and the text of each new item.",
    last,
  ]);
  expect(meansOf({ webhook_url: "", command: [] })).toEqual([
    "No address is called any more.",
    "No command is run any more.",
    last,
  ]);
  expect(meansOf({ command: ["/usr/local/bin/ring", "--loud"] })[0]).toContain("/usr/local/bin/ring is run");
  const [secret] = ["another one"];
  expect(meansOf({ secret })[0]).toContain("does not come back");
  expect(meansOf({ webhook_url: "half an address" })[0]).toContain("half an address is called");
});
