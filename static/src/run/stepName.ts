/** "1-tests" is "tests", "0-tests-base" "tests, at the merge base". */
export function stepName(step: string): string {
  const name = step.replace(/^\d+-/, "");
  return name.endsWith("-base") ? `${name.slice(0, -5)}, at the merge base` : name;
}
