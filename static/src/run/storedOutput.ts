import { api, body } from "../api/client";
import type { OutputLine } from "./outputFeed";

const PAGE = 2_000;

/** What an ended run said, page by page, step after step; stops when the signal says so. */
export async function readStored(run: string, take: (lines: OutputLine[]) => void, signal: AbortSignal): Promise<void> {
  const ask = (step: string | null, after: number) =>
    body(
      api.GET("/runs/{run_id}/output", {
        params: { path: { run_id: run }, query: { step, after, limit: PAGE } },
        signal,
      }),
    );
  const { steps } = await ask(null, Number.MAX_SAFE_INTEGER);
  for (const step of steps) {
    for (let after = 0; ;) {
      const page = await ask(step, after);
      if (page.events.length === 0) break;
      take(page.events.map((line) => ({ ...line, step }) as OutputLine));
      if (page.events.length < PAGE) break;
      after = page.last_seq;
    }
  }
}
