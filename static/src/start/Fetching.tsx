import { Button } from "@mantine/core";
import { FetchBox } from "../model/FetchBox";
import { Jobs } from "../model/Jobs";
import { useAskForJob, useModelJobs } from "../model/queries";
import { isLive } from "../model/words";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./FirstRun.module.css";
import type { Models } from "./queries";
import { suggestion } from "./words";

interface Props {
  models: Models;
  provider: Models["providers"][number];
}

/** What this Ollama lacks: the hub's model by one click, any other by its name, each with how far it is. */
export function Fetching({ models, provider }: Props) {
  const jobs = useModelJobs();
  const ask = useAskForJob();
  const pulls = jobs.data?.filter((job) => job.kind === "pull" && job.model.startsWith(`${provider.name}/`)) ?? [];
  const wanted = suggestion(models.default_model, provider);
  const underWay = wanted !== null && pulls.some((job) => job.model === wanted.model && isLive(job));
  return (
    <section className={styles.form} aria-label="Fetch a model">
      {wanted && !underWay && (
        <div className={styles.wanted}>
          <p>{wanted.sentence}</p>
          <Button
            size="sm"
            loading={ask.isPending}
            disabled={models.offline}
            onClick={() => ask.mutate({ kind: "pull", model: wanted.model })}
          >
            Fetch {wanted.model.slice(provider.name.length + 1)}
          </Button>
        </div>
      )}
      {ask.isError && <ProblemNote error={ask.error} />}
      {jobs.isError && <ProblemNote error={jobs.error} again={() => void jobs.refetch()} />}
      <Jobs jobs={pulls} />
      {models.offline ? (
        <p className={styles.hint}>The hub is offline: nothing is fetched until a start without --offline.</p>
      ) : (
        <FetchBox provider={provider.name} offline={false} />
      )}
    </section>
  );
}
