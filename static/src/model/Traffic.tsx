import type { ModelCall } from "../api/types";
import { ago } from "../clock/words";
import { useNow } from "../clock/useNow";
import { costWords } from "../frame/words";
import { type Column, LongTable } from "../list/LongTable";
import page from "../theme/Page.module.css";
import { go, linkTo, usePlace } from "../place/usePlace";
import { Key } from "../tag/Key";
import { Tag } from "../tag/Tag";
import { CallDialog } from "./CallDialog";
import { readCallFilter } from "./filter";
import { useCallTotals, useModelCalls } from "./queries";
import { TrafficFilters } from "./TrafficFilters";
import { callCost, milliseconds, outcomeOf, tokensWords } from "./words";

const COLUMNS: Column<ModelCall>[] = [
  { head: "Model", title: true, cell: (call) => <Open call={call} /> },
  { head: "When", cell: (call) => <When at={call.created_at} /> },
  { head: "Outcome", cell: (call) => <Outcome outcome={call.outcome} /> },
  { head: "For", cell: (call) => <Whose call={call} /> },
  { head: "Tokens in", number: true, cell: (call) => tokensWords(call.tokens_in) },
  { head: "Tokens out", number: true, cell: (call) => tokensWords(call.tokens_out) },
  { head: "Cost", number: true, cell: callCost },
  { head: "First token", number: true, cell: (call) => milliseconds(call.first_byte_ms) },
  { head: "Took", number: true, cell: (call) => milliseconds(call.duration_ms) },
  { head: "Tokens/s", number: true, cell: ({ tokens_per_second: speed }) => speed?.toFixed(1) ?? "" },
];

/** What was asked of models: by whom, how long it took, what it cost, how it ended. */
export function Traffic({ project }: { project: number | null }) {
  const place = usePlace();
  const filter = readCallFilter(place.asked);
  const calls = useModelCalls(project, filter);
  const totals = useCallTotals(project, filter).data;
  const rows = calls.data?.pages.flatMap((one) => one.rows);
  return (
    <>
      <TrafficFilters filter={filter} />
      {totals && (
        <p className={page.hint} role="status">
          {`${tokensWords(totals.calls)} ${totals.calls === 1 ? "call" : "calls"}, ${tokensWords(totals.failed)} of them without an answer · ${tokensWords(totals.tokens_in)} tokens in, ${tokensWords(totals.tokens_out)} out · ${costWords(totals.cost)}`}
        </p>
      )}
      {place.call !== null && <CallDialog id={place.call} close={() => go({ call: null })} />}
      <LongTable
        caption="Calls of models, newest first"
        columns={COLUMNS}
        rows={rows}
        rowKey={(call) => call.id}
        total={calls.data?.pages[0]?.total}
        empty="No call of a model like this. They appear here once a run asks a model, or a tool of yours does."
        error={calls.error}
        again={() => void calls.refetch()}
        more={calls.hasNextPage ? () => void calls.fetchNextPage() : undefined}
        loadingMore={calls.isFetchingNextPage}
      />
    </>
  );
}

function Open({ call }: { call: ModelCall }) {
  const place = usePlace();
  return (
    <a className={page.link} {...linkTo(place, { call: call.id })}>
      {call.model}
    </a>
  );
}

function When({ at }: { at: string }) {
  const now = useNow(60);
  return <time dateTime={at}>{ago(at, now)}</time>;
}

function Outcome({ outcome }: { outcome: string }) {
  const [words, tone] = outcomeOf(outcome);
  return <Tag tone={tone}>{words}</Tag>;
}

function Whose({ call }: { call: ModelCall }) {
  const place = usePlace();
  if (call.task_id === null)
    return <>{call.run_id === null ? "a tool of yours" : (call.role ?? "a call of its own")}</>;
  const to = { project: call.project_id, task: call.task_id, tab: "runs", run: call.run_id } as const;
  return (
    <a className={page.link} {...linkTo(place, to)}>
      {call.task_key && <Key>{call.task_key}</Key>} {call.role}
    </a>
  );
}
