import { Button, Group, Menu, Skeleton, Textarea, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Criterion, Task } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { Tag } from "../tag/Tag";
import {
  type CriterionWords,
  useCriteria,
  useDropCriterion,
  useCriterionWords,
  useJudgeCriterion,
  useNewCriterion,
} from "./criteria";
import styles from "./Criteria.module.css";
import { Theirs } from "./InPlace";
import { shownBy } from "./shown";

/** What must hold for the task to be done, and for each how that is known: proven, judged, or by a person's word. */
export default function Criteria({ task }: { task: Task }) {
  const criteria = useCriteria(task.id);
  const [adding, setAdding] = useState(false);
  if (criteria.isPending) return <Skeleton height={120} radius={8} />;
  if (criteria.isError) return <ProblemNote error={criteria.error} again={() => void criteria.refetch()} />;
  return (
    <>
      {criteria.data.length === 0 && (
        <p className={styles.none}>No criteria yet. The PM adds some when it comes to the task; you may as well.</p>
      )}
      <ol className={styles.list}>
        {criteria.data.map((criterion) => (
          <One key={criterion.id} taskId={task.id} criterion={criterion} />
        ))}
      </ol>
      {adding ? (
        <NewCriterion taskId={task.id} close={() => setAdding(false)} />
      ) : (
        <span>
          <Button variant="default" onClick={() => setAdding(true)}>
            Add a criterion
          </Button>
        </span>
      )}
    </>
  );
}

function One({ taskId, criterion }: { taskId: number; criterion: Criterion }) {
  const [editing, setEditing] = useState(false);
  const judge = useJudgeCriterion(taskId, criterion);
  const drop = useDropCriterion(taskId, criterion);
  const { words, tone } = shownBy(criterion);
  if (editing)
    return (
      <li className={styles.criterion}>
        <EditCriterion taskId={taskId} criterion={criterion} close={() => setEditing(false)} />
      </li>
    );
  return (
    <li className={styles.criterion}>
      <span className={styles.text}>{criterion.text}</span>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <Button size="compact-xs" variant="default" loading={judge.isPending || drop.isPending}>
            Your word<span className="wf-hidden"> on: {criterion.text}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => judge.mutate(true)}>It holds</Menu.Item>
          <Menu.Item onClick={() => judge.mutate(false)}>It does not hold</Menu.Item>
          <Menu.Item onClick={() => judge.mutate(null)} disabled={criterion.met === null}>
            Not looked at yet
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => setEditing(true)}>Edit</Menu.Item>
          <Menu.Item onClick={() => drop.mutate()}>Take it away</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <p className={styles.how}>
        <Tag tone={tone}>{words}</Tag>
        <Place criterion={criterion} />
      </p>
      {criterion.check && criterion.check !== criterion.place && (
        <p className={styles.check}>
          Checked by: <code>{criterion.check}</code>
        </p>
      )}
    </li>
  );
}

/** Where it is shown: the proof, or what the judge said. */
function Place({ criterion }: { criterion: Criterion }) {
  const place = usePlace();
  return (
    <>
      {criterion.place && <code>{criterion.place}</code>}
      {criterion.evidence !== criterion.place && <span>{criterion.evidence}</span>}
      {criterion.proof_id !== null && (
        <a {...linkTo(place, { tab: "evidence", proof: criterion.proof_id })}>
          see the proof<span className="wf-hidden"> of: {criterion.text}</span>
        </a>
      )}
    </>
  );
}

function EditCriterion({ taskId, criterion, close }: { taskId: number; criterion: Criterion; close: () => void }) {
  const { save, theirs } = useCriterionWords(taskId, criterion, close);
  return (
    <>
      {theirs && <Theirs label="This criterion" words={wordsOf(theirs)} take={close} />}
      <Words
        text={criterion.text}
        check={criterion.check}
        word={theirs ? "Save mine over it" : "Save"}
        leave={theirs ? "Leave theirs" : "Cancel"}
        saving={save.isPending}
        close={close}
        save={save.mutate}
      />
    </>
  );
}

const wordsOf = ({ text, check }: CriterionWords): string => (check ? `${text}\nChecked by: ${check}` : text);

function NewCriterion({ taskId, close }: { taskId: number; close: () => void }) {
  const make = useNewCriterion(taskId);
  return (
    <>
      <Words
        text=""
        check=""
        word="Add"
        saving={make.isPending}
        close={close}
        save={(words) => make.mutate(words, { onSuccess: close })}
      />
      {make.isError && <ProblemNote error={make.error} />}
    </>
  );
}

interface WordsProps {
  text: string;
  check: string;
  word: string;
  leave?: string;
  saving: boolean;
  close: () => void;
  save: (words: { text: string; check: string }) => void;
}

function Words({ word, leave = "Cancel", saving, close, save, ...before }: WordsProps) {
  const [text, setText] = useState(before.text);
  const [check, setCheck] = useState(before.check);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    save({ text: text.trim(), check: check.trim() });
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <Textarea
        label="What holds when the task is done"
        autosize
        minRows={1}
        maxLength={2_000}
        required
        autoFocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <TextInput
        label="How it is checked"
        description="Best by a test; without one an agent judges it."
        maxLength={2_000}
        value={check}
        onChange={(event) => setCheck(event.currentTarget.value)}
      />
      <Group gap="xs">
        <Button type="submit" loading={saving} disabled={!text.trim()}>
          {word}
        </Button>
        <Button variant="default" onClick={close}>
          {leave}
        </Button>
      </Group>
    </form>
  );
}
