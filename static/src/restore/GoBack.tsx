import { Button, Checkbox, Group, Modal, Radio, Skeleton, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { asProblem } from "../api/problem";
import type { Task, WayBack } from "../api/types";
import { ago, clock } from "../clock/words";
import { useNow } from "../clock/useNow";
import { ProblemNote } from "../problem/ProblemNote";
import { Foreseen } from "./Foreseen";
import { useForeseen, useGoBack } from "./queries";
import styles from "./Restore.module.css";
import { type Point, VERBS } from "./words";

const TITLES: Record<WayBack["kind"], (key: string) => string> = {
  undo_merge: (key) => `Undo the merge of ${key}?`,
  rollback: (key) => `Roll ${key} back?`,
  recover: (key) => `Recover work of ${key}?`,
};

interface Props {
  task: Task;
  kind: WayBack["kind"];
  points: Point[];
  opened: boolean;
  close: () => void;
}

/** Chosen, looked at, and only then done: only while the branch is where the person saw it. */
export default function GoBack({ task, kind, points, opened, close }: Props) {
  const [chosen, setChosen] = useState(0);
  const [note, setNote] = useState("");
  const [force, setForce] = useState(false);
  const way = points[chosen]?.way ?? null;
  const seen = useForeseen(task.id, opened ? way : null);
  const go = useGoBack(task.id, task.key, close);
  const choose = (index: number) => {
    setChosen(index);
    go.reset();
  };
  const refused = go.isError ? asProblem(go.error) : null;
  const moved = refused?.code === "conflict";
  const act = () => way && seen.data && go.mutate({ way, expected: seen.data.before, note: note.trim(), force });
  return (
    <Modal opened={opened} onClose={close} title={TITLES[kind](task.key)} size="lg">
      <Stack gap="sm">
        {kind !== "undo_merge" && <Choice points={points} chosen={chosen} choose={choose} />}
        {moved && (
          <p className={styles.moved} role="alert">
            It changed meanwhile, so nothing was done. {seen.isFetching ? "Looking again …" : "This is how it is now:"}
          </p>
        )}
        {seen.isPending && <Skeleton height={120} radius={8} aria-label="Looking what would change" />}
        {seen.isError && <ProblemNote error={seen.error} again={() => void seen.refetch()} />}
        {seen.data && <Foreseen seen={seen.data} />}
        {seen.data && seen.data.blocked === null && (
          <Textarea
            label="Why? (kept in the history)"
            autosize
            minRows={1}
            maxLength={2_000}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        )}
        {refused && !moved && <ProblemNote error={refused} />}
        {(refused?.code === "task_busy" || force) && (
          <Checkbox
            label="Stop the run that is at work, and do it then"
            checked={force}
            onChange={(event) => setForce(event.currentTarget.checked)}
          />
        )}
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={close}>
            Leave it as it is
          </Button>
          {seen.data?.blocked ? (
            <Button onClick={() => void seen.refetch()} loading={seen.isFetching}>
              Look again
            </Button>
          ) : (
            <Button onClick={act} loading={go.isPending} disabled={!seen.data || seen.isFetching}>
              {VERBS[kind]}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function Choice({ points, chosen, choose }: { points: Point[]; chosen: number; choose: (index: number) => void }) {
  const now = useNow(30);
  return (
    <Radio.Group
      label="To where?"
      value={String(chosen)}
      onChange={(value) => choose(Number(value))}
      classNames={{ label: styles.label }}
    >
      <div className={styles.points}>
        {points.map(({ title, at, hint }, index) => (
          <Radio
            key={index}
            size="xs"
            classNames={{ radio: styles.radio }}
            value={String(index)}
            label={
              <span className={styles.point}>
                <b>{title}</b>
                {at !== null && <time title={clock(at)}>{ago(at, now)}</time>}
                {hint && <span>{hint}</span>}
              </span>
            }
          />
        ))}
      </div>
    </Radio.Group>
  );
}
