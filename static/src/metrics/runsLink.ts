import type { Place } from "../place/place";
import { NONE } from "../run/filter";

/** What of the runs is named: null names those that have none, undefined leaves them all. */
interface Behind {
  state: string;
  stage?: string;
  role?: string | null;
  model?: string | null;
  started?: boolean;
}

export const ENDED = "passed,failed,blocked,cancelled,lost";

/** The place that lists the runs behind a figure: as many as it counts. */
export function runsBehind(behind: Behind, span: { begins: string; ends: string }): Partial<Place> {
  const { state, stage, role, model, started } = behind;
  return {
    view: "runs",
    asked: {
      state,
      ...(stage !== undefined && { stage }),
      ...(role !== undefined && { role: role ?? NONE }),
      ...(model !== undefined && { model: model ?? NONE }),
      ...(started === true && { started: "yes" }),
      since: span.begins,
      until: span.ends,
    },
  };
}
