import type { Bug } from "../api/types";
import { ago } from "../clock/words";
import { useNow } from "../clock/useNow";
import { FilterChoice, Filters } from "../list/Filters";
import { type Column, LongTable } from "../list/LongTable";
import page from "../theme/Page.module.css";
import { linkTo, usePlace } from "../place/usePlace";
import { useProject, useProjects } from "../project/queries";
import { Tag } from "../tag/Tag";
import { BugView } from "./BugView";
import { BUG_STATES, readBugFilter, SEVERITIES } from "./filter";
import { useBugs } from "./listQueries";
import { bugState, severityTone } from "./words";

const COLUMNS: Column<Bug>[] = [
  { head: "Bug", title: true, cell: (bug) => <Open bug={bug} /> },
  { head: "Severity", cell: (bug) => <Tag tone={severityTone(bug.severity)}>{bug.severity}</Tag> },
  { head: "State", cell: (bug) => <Tag tone={bugState(bug.state)[1]}>{bugState(bug.state)[0]}</Tag> },
  { head: "About", cell: (bug) => <About project={bug.project_id} /> },
  { head: "Reported", cell: (bug) => <Reported bug={bug} /> },
];

/** What people and agents reported, and what became of it. */
export default function Bugs() {
  const place = usePlace();
  const project = useProject();
  const bugs = useBugs(place.project === null ? null : (project?.id ?? null), readBugFilter(place.asked));
  if (place.bug !== null) return <BugView key={place.bug} id={place.bug} />;
  const total = bugs.data?.pages[0]?.total;
  return (
    <div className={`${page.page} ${page.tall}`}>
      <header className={page.head}>
        <h1 className={page.title}>Bugs</h1>
      </header>
      <BugFilters />
      <LongTable
        caption="Bugs, newest first"
        columns={COLUMNS}
        rows={bugs.data?.pages.flatMap((one) => one.rows)}
        rowKey={(bug) => bug.id}
        total={total}
        empty={
          Object.values(place.asked).some(Boolean)
            ? "No bug is like this. Take a filter away."
            : "No bug yet: report one from the menu at the top, with a picture of the page if you like."
        }
        error={bugs.error}
        again={() => void bugs.refetch()}
        more={bugs.hasNextPage ? () => void bugs.fetchNextPage() : undefined}
        loadingMore={bugs.isFetchingNextPage}
      />
    </div>
  );
}

function BugFilters() {
  const filter = readBugFilter(usePlace().asked);
  return (
    <Filters
      label="Which bugs"
      all="All bugs"
      typed={{ name: "text", label: "Words", placeholder: "Words", longest: 200 }}
    >
      <FilterChoice name="state" label="State" any="Any state" data={[...BUG_STATES]} value={filter.state} />
      <FilterChoice
        name="severity"
        label="Severity"
        any="Any severity"
        data={[...SEVERITIES]}
        value={filter.severity}
      />
    </Filters>
  );
}

function Open({ bug }: { bug: Bug }) {
  const place = usePlace();
  return (
    <a className={page.link} {...linkTo(place, { bug: bug.id })}>
      {bug.title}
    </a>
  );
}

function About({ project }: { project: number | null }) {
  const projects = useProjects().data ?? [];
  return <>{project === null ? "Workflow Hub" : (projects.find(({ id }) => id === project)?.name ?? "")}</>;
}

function Reported({ bug }: { bug: Bug }) {
  const now = useNow(60);
  return (
    <>
      {ago(bug.created_at, now)}
      {bug.created_by !== "person" && ` by ${bug.created_by}`}
    </>
  );
}
