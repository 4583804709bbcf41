import { readPlace } from "../place/place";
import { go } from "../place/usePlace";
import { tellDone } from "../problem/tell";
import type { PlanWord } from "./queries";

const TOLD: Record<PlanWord["say"], string> = {
  approve: "Approved. The team begins.",
  change: "The PM makes the next version.",
  reject: "Rejected. Nothing was changed.",
};

/** Says what a decision on a plan leads to, and goes where that is seen; in the chat that is where one is. */
export function afterwards({ say }: PlanWord): void {
  tellDone(TOLD[say]);
  if (readPlace(window.location.search).view === "chat") return;
  go({ view: say === "reject" ? "plans" : "board", plan: null, task: null });
}
