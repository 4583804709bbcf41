import { costWords } from "../frame/words";
import { duration } from "../clock/words";
import { runSeconds } from "../run/words";
import { useRuns } from "./queries";
import styles from "./TaskPanel.module.css";

/** What it took, in one quiet line. */
export function RunsLine({ id }: { id: number }) {
  const { data } = useRuns(id);
  if (!data?.length) return null;
  const tokens = data.reduce((sum, run) => sum + run.tokens_in + run.tokens_out, 0);
  const cost = data.reduce((sum, run) => sum + run.cost, 0);
  const model = data.findLast((run) => run.model)?.model;
  const stages = new Map<string, number>();
  for (const run of data) stages.set(run.stage, (stages.get(run.stage) ?? 0) + (runSeconds(run) ?? 0));
  const times = [...stages].map(([stage, seconds]) => `${stage.toUpperCase()} ${duration(seconds)}`);
  const count = tokens.toLocaleString("en");
  return (
    <p className={styles.sum}>{[model, `${count} tokens`, costWords(cost), ...times].filter(Boolean).join(" · ")}</p>
  );
}
