import { expect, test } from "vitest";
import { type Grants, grantsOf, lackIn, tableOf } from "./grants";

const NOTHING: Grants = grantsOf({});
const SETTINGS = {
  deploy: {
    command: "make deploy",
    timeout_seconds: 120,
    env: { REGION: "eu", EMPTY_OK: "a=b" },
    secrets: { SITE_TOKEN: "site/token" },
    network: ["api.example.org:443", "example.org"],
    paths: ["/srv/site"],
    test_network: ["127.0.0.1:8080"],
    repeatable: true,
    on_failure: "person",
  },
};

test("what is read is what is sent", () => {
  expect(tableOf(grantsOf(SETTINGS))).toEqual(SETTINGS.deploy);
  expect(grantsOf(SETTINGS).env).toBe("REGION=eu\nEMPTY_OK=a=b");
});

test("what is emptied is taken away, and with the last of it the whole table", () => {
  expect(tableOf({ ...grantsOf(SETTINGS), paths: " \n", secrets: [] })).toMatchObject({ paths: null, secrets: null });
  expect(tableOf(NOTHING)).toBeNull();
  expect(tableOf({ ...NOTHING, secrets: [{ variable: "", name: "" }] })).toBeNull();
});

test("half a variable is said before it is sent", () => {
  expect(lackIn(grantsOf(SETTINGS))).toBeNull();
  expect(lackIn({ ...NOTHING, env: "REGION" })).toContain("NAME=value");
  expect(lackIn({ ...NOTHING, secrets: [{ variable: "TOKEN", name: "" }] })).toBe("Choose what TOKEN holds.");
  expect(lackIn({ ...NOTHING, secrets: [{ variable: " ", name: "site/token" }] })).toContain("site/token");
});
