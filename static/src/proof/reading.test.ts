import { expect, test } from "vitest";
import { readingOf } from "./reading";

const JUNIT = `<?xml version="1.0"?><testsuites><testsuite><testcase classname="t.a" name="ok" time="0.25"/>
<testcase classname="t.a" name="bad &lt;x&gt;" time="1"><failure message="m">assert 1 == 2 &amp; more</failure></testcase>
<testcase name="off"><skipped message="no engine"/></testcase></testsuite></testsuites>`;

test("a JUnit report is its tests, with what failed", () => {
  expect(readingOf("junit.xml", "application/xml", JUNIT)).toEqual({
    form: "tests",
    rows: [
      { name: "t.a::ok", state: "passed", seconds: 0.25, message: "" },
      { name: "t.a::bad <x>", state: "failed", seconds: 1, message: "assert 1 == 2 & more" },
      { name: "off", state: "skipped", seconds: null, message: "no engine" },
    ],
  });
});

test("a SARIF report is its findings, whatever is missing in it", () => {
  const place = { physicalLocation: { artifactLocation: { uri: "a.py" }, region: { startLine: 3 } } };
  const report = {
    version: "2.1.0",
    runs: [{ results: [{ ruleId: "B1", message: { text: "bad" }, locations: [place] }, {}] }],
  };
  expect(readingOf("r.sarif", "application/json", JSON.stringify(report))).toEqual({
    form: "findings",
    rows: [
      { level: "warning", rule: "B1", message: "bad", place: "a.py:3" },
      { level: "warning", rule: "", message: "", place: "" },
    ],
  });
});

test("a list of objects is a table, other JSON is laid out, cut JSON stays text", () => {
  expect(readingOf("a.json", "application/json", '[{"a":1,"b":"x"},{"a":2}]')).toEqual({
    form: "table",
    columns: ["a", "b"],
    rows: [
      ["1", "x"],
      ["2", ""],
    ],
  });
  expect(readingOf("a.json", "application/json", '{"a":1}')).toEqual({ form: "text", text: '{\n  "a": 1\n}' });
  expect(readingOf("a.json", "application/json", '{"a":')).toEqual({ form: "text", text: '{"a":' });
});
