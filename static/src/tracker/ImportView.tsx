import { Button, Progress, Skeleton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { asProblem } from "../api/problem";
import type { Import } from "../api/types";
import { go } from "../place/usePlace";
import { tellProblem } from "../problem/tell";
import type { Draft } from "./draft";
import { Items } from "./Items";
import { useBegin, useCancelImport, useImport } from "./queries";
import styles from "./Tracker.module.css";
import { TrackerTrouble } from "./TrackerTrouble";
import { faultOf } from "./trouble";
import { DID, importWords } from "./words";

interface Props {
  id: number;
  draft: Draft;
  mapping: number;
  /** To the choice, with other tasks chosen or the same. */
  again: (change: { chosen?: string[] }) => void;
  begun: (id: number) => void;
}

/** An import: as it goes, then what came of it. */
export function ImportView({ id, draft, mapping, again, begun }: Props) {
  const found = useImport(id);
  if (found.isPending) return <Skeleton height={160} radius={8} aria-label="Loading" />;
  if (found.isError) return <Gone error={found.error} again={again} retry={() => void found.refetch()} />;
  const one = found.data;
  return (
    <div className={styles.form}>
      {one.state === "running" ? (
        <Going id={id} one={one} />
      ) : (
        <Over one={one} draft={draft} mapping={mapping} again={again} begun={begun} />
      )}
    </div>
  );
}

function Going({ id, one }: { id: number; one: Import }) {
  const cancel = useCancelImport(id);
  const share = one.total === null || one.total === 0 ? 0 : (100 * one.items.length) / one.total;
  return (
    <>
      <Progress.Root size="lg">
        <Progress.Section
          value={one.total === null ? 100 : share}
          animated={one.total === null}
          striped={one.total === null}
          aria-label="How far the import is"
        />
      </Progress.Root>
      <p className={styles.sum} role="status">
        {importWords(one)}
      </p>
      <Items label="What came so far" items={one.items} said={DID} />
      <p className={styles.acts}>
        <Button
          variant="default"
          loading={cancel.isPending}
          onClick={() => cancel.mutate(undefined, { onError: tellProblem })}
        >
          Stop it
        </Button>
        <span className={styles.hint}>What came stays. You may close this page: it goes on.</span>
      </p>
    </>
  );
}

const HEADS = {
  done: "",
  cancelled: "You stopped it. What came stays; the same import again brings the rest.",
  failed: "It broke off. What came stays; the same import again brings the rest.",
  running: "",
  preview: "",
} satisfies Record<Import["state"], string>;

function Over({
  one,
  draft,
  mapping,
  again,
  begun,
}: Pick<Props, "draft" | "mapping" | "again" | "begun"> & { one: Import }) {
  const begin = useBegin(mapping);
  const sum = useRef<HTMLParagraphElement>(null);
  useEffect(() => sum.current?.focus({ preventScroll: true }), []);
  const rest = one.state !== "done" && draft.chosen.length > 0;
  const leave = () => {
    again({ chosen: [] });
    go({ view: "board", project: draft.project, task: null });
  };
  return (
    <>
      <p ref={sum} tabIndex={-1} className={styles.sum} role="status">
        {HEADS[one.state]} {importWords(one)}
      </p>
      {one.fault && <TrackerTrouble error={faultOf(one.fault)} at="tasks" />}
      {begin.isError && <TrackerTrouble error={begin.error} at="tasks" />}
      {one.notes.length > 0 && (
        <ul className={styles.notes} aria-label="What did not come along" tabIndex={0}>
          {one.notes.map(({ external_id, sentence }, index) => (
            <li key={index}>
              {titleOf(one, external_id)}: {sentence}
            </li>
          ))}
        </ul>
      )}
      <Items label="What came" items={one.items} said={DID} />
      <p className={styles.acts}>
        {rest && (
          <Button
            loading={begin.isPending}
            onClick={() => begin.mutate(draft, { onSuccess: ({ id }) => id !== null && begun(id) })}
          >
            Bring the rest
          </Button>
        )}
        <Button variant={rest ? "default" : "filled"} onClick={leave}>
          To the board
        </Button>
        <Button variant="default" onClick={() => again({ chosen: [] })}>
          Import more
        </Button>
      </p>
    </>
  );
}

const titleOf = (one: Import, id: string): string => one.items.find((item) => item.external_id === id)?.title ?? id;

/** The hub was started again and ended it: what came is here. */
function Gone({ error, again, retry }: { error: unknown; again: Props["again"]; retry: () => void }) {
  const lost = asProblem(error).status === 404;
  if (!lost) return <TrackerTrouble error={error} at="tasks" again={retry} />;
  return (
    <div className={styles.form}>
      <p className={styles.sum} role="alert">
        The hub was started anew and ended this import. What came is on the board; the same import again brings the
        rest.
      </p>
      <p className={styles.acts}>
        <Button onClick={() => again({})}>Back to the choice</Button>
      </p>
    </div>
  );
}
