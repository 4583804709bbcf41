import { Button, Group, NativeSelect, Skeleton } from "@mantine/core";
import { useState } from "react";
import { gone } from "../api/problem";
import type { Bug } from "../api/types";
import { KeptFiles } from "../attachment/KeptFiles";
import { ago } from "../clock/words";
import { useNow } from "../clock/useNow";
import page from "../theme/Page.module.css";
import { go, linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { useProjects } from "../project/queries";
import { Tag } from "../tag/Tag";
import styles from "./ReportBug.module.css";
import { useBug, useBugFiles, useMakeOfBug, useSettleBug } from "./listQueries";
import { bugState, severityTone } from "./words";

const GONE = "It was removed; the list has the others.";

/** One bug with its pictures, and what can be made of it. */
export function BugView({ id }: { id: number }) {
  const place = usePlace();
  const bug = useBug(id);
  return (
    <div className={page.page}>
      <a className={page.hint} {...linkTo(place, { bug: null })}>
        ← All bugs
      </a>
      {bug.isPending && <Skeleton height={240} radius={8} aria-label="Loading" />}
      {bug.isError && <ProblemNote error={gone(bug.error, GONE)} again={() => void bug.refetch()} />}
      {bug.data && <Detail bug={bug.data} />}
    </div>
  );
}

function Detail({ bug }: { bug: Bug }) {
  const now = useNow(60);
  const files = useBugFiles(bug.id);
  const [state, tone] = bugState(bug.state);
  return (
    <article className={page.page} style={{ padding: 0 }}>
      <header className={page.head}>
        <h1 className={page.title}>{bug.title}</h1>
        <Tag tone={severityTone(bug.severity)}>{bug.severity}</Tag>
        <Tag tone={tone}>{state}</Tag>
      </header>
      <p className={page.facts}>
        {`Reported ${ago(bug.created_at, now)} by ${bug.created_by === "person" ? "you" : bug.created_by}`}
      </p>
      {bug.description && bug.description !== bug.title && <p style={{ whiteSpace: "pre-wrap" }}>{bug.description}</p>}
      {files.isError && <ProblemNote error={files.error} again={() => void files.refetch()} />}
      {files.data
        ?.filter((file) => file.picture)
        .map((file) => (
          <a key={file.id} href={`/attachments/${file.id}/download`} className={styles.picture}>
            <img
              src={`/attachments/${file.id}/download`}
              alt={file.description || file.name}
              className={styles.whole}
            />
          </a>
        ))}
      <KeptFiles files={files.data?.filter((file) => !file.picture) ?? []} />
      {(bug.page || bug.browser) && (
        <dl className={styles.seen}>
          <dt>Page</dt>
          <dd>{bug.page || "not told"}</dd>
          <dt>Browser</dt>
          <dd>{bug.browser || "not told"}</dd>
        </dl>
      )}
      <Made bug={bug} />
      <Acts bug={bug} />
    </article>
  );
}

function Made({ bug }: { bug: Bug }) {
  const place = usePlace();
  if (bug.task_id !== null)
    return (
      <a className={page.link} {...linkTo(place, { view: "board", project: bug.project_id, task: bug.task_id })}>
        The task that was made of it
      </a>
    );
  if (bug.request_id === null) return null;
  return (
    <a className={page.link} {...linkTo(place, { view: "plans", project: bug.project_id, plan: null })}>
      The request that was made of it: the PM plans it
    </a>
  );
}

function Acts({ bug }: { bug: Bug }) {
  const projects = useProjects().data ?? [];
  const [chosen, setChosen] = useState<number | null>(
    bug.project_id ?? (projects.length === 1 ? (projects[0]?.id ?? null) : null),
  );
  const make = useMakeOfBug(bug.id);
  const settle = useSettleBug();
  const begin = (of: "task" | "request") =>
    make.mutate(
      { of, project: chosen },
      {
        onSuccess: () =>
          tellDone(of === "task" ? "A task was made of it; it rests in the backlog." : "The PM plans it."),
      },
    );
  const end = (state: "open" | "fixed" | "closed", words: string) =>
    settle.mutate(
      { bug, state },
      {
        onSuccess: () => {
          tellDone(words);
          if (state !== "open") go({ bug: null });
        },
      },
    );
  const over = bug.state === "closed" || bug.state === "fixed";
  const made = bug.task_id !== null || bug.request_id !== null;
  return (
    <>
      {!over && !made && (
        <Group gap="xs" align="end">
          {bug.project_id === null && (
            <NativeSelect
              size="xs"
              label="In the project"
              value={chosen ?? ""}
              onChange={(event) => setChosen(event.currentTarget.value ? Number(event.currentTarget.value) : null)}
              data={[
                { value: "", label: "Choose one" },
                ...projects.map(({ id, name }) => ({ value: String(id), label: name })),
              ]}
            />
          )}
          <Button size="xs" disabled={chosen === null} loading={make.isPending} onClick={() => begin("task")}>
            Make a task of it
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={chosen === null}
            loading={make.isPending}
            onClick={() => begin("request")}
          >
            Make a request of it
          </Button>
        </Group>
      )}
      <Group gap="xs">
        {over ? (
          <Button
            size="xs"
            variant="default"
            loading={settle.isPending}
            onClick={() => end("open", "It is open again.")}
          >
            Open it again
          </Button>
        ) : (
          <>
            <Button size="xs" variant="default" loading={settle.isPending} onClick={() => end("fixed", "It is fixed.")}>
              It is fixed
            </Button>
            <Button
              size="xs"
              variant="default"
              loading={settle.isPending}
              onClick={() => end("closed", "It is closed.")}
            >
              Close it
            </Button>
          </>
        )}
      </Group>
      {make.isError && <ProblemNote error={make.error} />}
      {settle.isError && <ProblemNote error={settle.error} />}
    </>
  );
}
