import { asProblem, Problem } from "../api/problem";
import type { Import } from "../api/types";
import type { Step } from "./draft";

interface WayOut {
  sentence: string;
  /** Where it is put right; null: here, by trying again. */
  to: Step | null;
}

const STAYS = "What you chose stays.";

/** By the hub's codes: what a person on the page does about it. */
const WAYS: Record<string, WayOut> = {
  tracker_sign_in: { sentence: `Make a new token there and store it here. ${STAYS}`, to: "sign-in" },
  credential_unreadable: { sentence: `Store its token anew. ${STAYS}`, to: "sign-in" },
  tracker_busy: { sentence: `Wait that long, then try again. ${STAYS}`, to: null },
  tracker_unreachable: { sentence: `Look at the hub's network, then try again. ${STAYS}`, to: null },
  tracker_not_found: {
    sentence: "It was deleted or moved there, or is not shown to you: choose another project.",
    to: "theirs",
  },
  tracker_forbidden: { sentence: "Choose another project, or sign in as somebody who may see it.", to: "theirs" },
  not_found: { sentence: "It was taken away meanwhile: choose anew.", to: "provider" },
};

export const WAY_WORDS: Partial<Record<Step, string>> = {
  provider: "Choose anew",
  "sign-in": "Sign in again",
  theirs: "Choose another project",
};

export interface Trouble {
  problem: Problem;
  to: Step | null;
}

/** The hub's sentence with the way out that leads on in the wizard. */
export function troubleOf(error: unknown): Trouble {
  const problem = asProblem(error);
  const way = WAYS[problem.code];
  if (way === undefined) return { problem, to: null };
  return { problem: new Problem(problem.status, problem.code, problem.message, way.sentence), to: way.to };
}

export const faultOf = ({ code, sentence, way_out }: NonNullable<Import["fault"]>): Problem =>
  new Problem(0, code, sentence, way_out);
