import type { RunRow } from "../api/types";
import { ago, duration } from "../clock/words";
import { useNow } from "../clock/useNow";
import { RunControl } from "../control/RunControl";
import { costWords } from "../frame/words";
import { type Column, LongTable } from "../list/LongTable";
import page from "../theme/Page.module.css";
import { linkTo, usePlace } from "../place/usePlace";
import { useProject } from "../project/queries";
import { Key } from "../tag/Key";
import { Tag } from "../tag/Tag";
import { readRunFilter } from "./filter";
import { KillRun } from "./KillRun";
import { useRuns } from "./listQueries";
import { RunFilters } from "./RunFilters";
import { isLive, runName, runSeconds, runState } from "./words";

const COLUMNS: Column<RunRow>[] = [
  { head: "Task", title: true, cell: (run) => <Whose run={run} /> },
  { head: "Stage", cell: runName },
  { head: "State", cell: (run) => <State run={run} /> },
  { head: "Role", cell: (run) => run.role ?? "" },
  { head: "Model", cell: (run) => run.model ?? "" },
  { head: "Agent", cell: (run) => run.agent ?? "" },
  { head: "When", cell: (run) => <When run={run} /> },
  { head: "Took", number: true, cell: (run) => <Took run={run} /> },
  { head: "Tokens", number: true, cell: (run) => tokens(run.tokens_in + run.tokens_out) },
  { head: "Cost", number: true, cell: (run) => (run.cost > 0 ? costWords(run.cost) : "") },
  { head: "Do", cell: (run) => (isLive(run) ? <Acts run={run} /> : null) },
];

/** All runs of the chosen project, or of the hub. */
export default function Runs() {
  const { asked } = usePlace();
  const project = useProject();
  const runs = useRuns(project?.id ?? null, readRunFilter(asked));
  const total = runs.data?.pages[0]?.total;
  return (
    <div className={`${page.page} ${page.tall}`}>
      <header className={page.head}>
        <h1 className={page.title}>Runs {project ? `of ${project.name}` : "of this hub"}</h1>
        {total !== undefined && (
          <span className={page.facts} role="status">
            {total === 1 ? "1 run" : `${tokens(total)} runs`}
          </span>
        )}
      </header>
      <RunFilters />
      <LongTable
        caption="Runs, newest first"
        columns={COLUMNS}
        rows={runs.data?.pages.flatMap((one) => one.rows)}
        rowKey={(run) => run.id}
        total={total}
        empty={
          Object.values(asked).some(Boolean)
            ? "No run is like this. Take a filter away."
            : "No run yet: they begin when a request is planned, or a task leaves the backlog."
        }
        error={runs.error}
        again={() => void runs.refetch()}
        more={runs.hasNextPage ? () => void runs.fetchNextPage() : undefined}
        loadingMore={runs.isFetchingNextPage}
      />
    </div>
  );
}

const tokens = (count: number): string => (count === 0 ? "" : count.toLocaleString("en"));

function Whose({ run }: { run: RunRow }) {
  const place = usePlace();
  if (run.task_id === null) return <>{run.request_id === null ? "A deploy" : "Plans a request"}</>;
  const to = { project: run.project_id, task: run.task_id, tab: "runs", run: run.id } as const;
  return (
    <a className={page.link} {...linkTo(place, to)}>
      {run.task_key && <Key>{run.task_key}</Key>} {run.task_title}
    </a>
  );
}

function State({ run }: { run: RunRow }) {
  const [words, tone] = runState(run.state);
  return (
    <Tag tone={tone} title={run.reason || run.summary || undefined}>
      {words}
    </Tag>
  );
}

function When({ run }: { run: RunRow }) {
  const now = useNow(60);
  const at = run.finished_at ?? run.started_at ?? run.queued_at;
  return <time dateTime={at}>{ago(at, now)}</time>;
}

function Took({ run }: { run: RunRow }) {
  const now = useNow(1);
  const seconds = runSeconds(run, run.held === null ? now : undefined);
  return <>{seconds === null ? "" : duration(seconds)}</>;
}

function Acts({ run }: { run: RunRow }) {
  if (!isLive(run) || run.stopping) return null;
  return (
    <span className={page.acts}>
      <RunControl run={run} />
      <KillRun run={run} />
    </span>
  );
}
