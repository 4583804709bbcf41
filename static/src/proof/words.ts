import type { Proof } from "../api/types";

/** What a proof's facts say, in short: "44 passed, 1 failed", "2 new findings"; empty where it has none of these. */
export function proofWords(proof: Pick<Proof, "facts">): string {
  const tests = proof.facts.tests as { passed?: number; failed?: number; errors?: number } | null | undefined;
  if (tests) {
    const failed = (tests.failed ?? 0) + (tests.errors ?? 0);
    return failed > 0 ? `${tests.passed ?? 0} passed, ${failed} failed` : `${tests.passed ?? 0} passed`;
  }
  return "";
}

export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
