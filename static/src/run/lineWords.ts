import { told } from "../api/told";
import type { OutputLine } from "./outputFeed";

/** "1-tests" is "tests", "0-tests-base" "tests, at the merge base". */
export function stepName(step: string): string {
  const name = step.replace(/^\d+-/, "");
  return name.endsWith("-base") ? `${name.slice(0, -5)}, at the merge base` : name;
}

/** One line of a run for a person; empty where the event says nothing by itself. */
export function lineWords({ kind, text, data }: Pick<OutputLine, "kind" | "text" | "data">): string {
  if (kind === "tests" && !text) {
    const { passed = 0, failed = 0, errors = 0 } = (data.tests ?? data) as Record<string, number>;
    return failed + errors > 0
      ? `${failed + errors} of ${passed + failed + errors} tests fail`
      : `${passed} tests pass`;
  }
  if (kind === "tool_call") return `→ ${text || told(data, "name")}`;
  if (kind === "tool_result") return `← ${text}`;
  if (kind === "started" && !text) return "";
  return text.replace(/\n$/, "");
}
