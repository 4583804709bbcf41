import { useEffect, useState } from "react";
import { asProblem, type Problem } from "../api/problem";
import type { WorkflowChecked } from "../api/types";
import { check } from "./queries";

export type LineFault = WorkflowChecked["errors"][number];

export interface Checked {
  /** What was checked; another text is still to come. */
  source: string;
  told: WorkflowChecked | null;
  problem: Problem | null;
}

const REST_MS = 350;

/** The hub's check of a text, when its writer rests; an answer that comes late to an older text is dropped. */
export function useChecked(source: string): Checked | null {
  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    let mine = true;
    const timer = setTimeout(() => {
      check(source).then(
        (told) => mine && setChecked({ source, told, problem: null }),
        (error: unknown) => mine && setChecked({ source, told: null, problem: asProblem(error) }),
      );
    }, REST_MS);
    return () => {
      mine = false;
      clearTimeout(timer);
    };
  }, [source]);
  return checked;
}
