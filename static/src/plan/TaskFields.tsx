import { ActionIcon, Button, MultiSelect, NumberInput, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import type { PlannedTask } from "./body";
import styles from "./PlanEditor.module.css";
import { sizeWords } from "./words";

const KINDS = ["feature", "bug", "docs", "test", "refactor", "research", "infra"];
const SIZES = ["S", "M", "L"].map((size) => ({ value: size, label: sizeWords(size) }));

interface Props {
  number: number;
  last: boolean;
  task: PlannedTask;
  others: { value: string; label: string }[];
  change: (fields: Partial<PlannedTask>) => void;
  move: (by: -1 | 1) => void;
  drop: () => void;
}

/** All that a person can say of one task of a plan. */
export function TaskFields({ number, last, task, others, change, move, drop }: Props) {
  const setCriterion = (index: number, fields: Partial<PlannedTask["criteria"][number]>) =>
    change({ criteria: task.criteria.map((each, at) => (at === index ? { ...each, ...fields } : each)) });
  return (
    <li className={styles.task} aria-label={`Task ${number}`}>
      <div className={styles.bar}>
        <span className={styles.number}>{number}</span>
        <span className={styles.moves}>
          <Button size="compact-xs" variant="default" disabled={number === 1} onClick={() => move(-1)}>
            Up
          </Button>
          <Button size="compact-xs" variant="default" disabled={last} onClick={() => move(1)}>
            Down
          </Button>
          <Button size="compact-xs" variant="default" onClick={drop}>
            Drop this task
          </Button>
        </span>
      </div>
      <TextInput
        label="Title"
        value={task.title}
        maxLength={300}
        required
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      <Textarea
        label="Description"
        value={task.description}
        autosize
        minRows={1}
        maxRows={10}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      <div className={styles.row}>
        <Select
          label="Kind"
          data={KINDS}
          value={task.kind}
          allowDeselect={false}
          onChange={(kind) => change({ kind: kind ?? task.kind })}
        />
        <Select
          label="Size"
          data={SIZES}
          value={task.size}
          allowDeselect={false}
          onChange={(size) => change({ size: size ?? task.size })}
        />
        <NumberInput
          label="Priority"
          description="10 is the most urgent"
          inputWrapperOrder={["label", "input", "description"]}
          min={1}
          max={10}
          clampBehavior="strict"
          allowDecimal={false}
          value={task.priority}
          onChange={(value) => change({ priority: typeof value === "number" ? value : task.priority })}
        />
      </div>
      <MultiSelect
        label="Starts after"
        placeholder={task.depends_on.length === 0 ? "Nothing: it starts at once" : ""}
        data={others}
        value={task.depends_on.filter((id) => others.some((other) => other.value === id))}
        onChange={(after) => change({ depends_on: after })}
        clearable
      />
      <TagsInput
        label="Files it likely touches"
        placeholder={task.files.length === 0 ? "src/till/words.py" : ""}
        value={task.files}
        onChange={(files) => change({ files })}
      />
      <fieldset className={styles.criteria}>
        <legend>Done when</legend>
        {task.criteria.map((criterion, index) => (
          <div key={index} className={styles.criterion}>
            <TextInput
              aria-label={`Criterion ${index + 1}`}
              placeholder="What holds then"
              value={criterion.text}
              onChange={(event) => setCriterion(index, { text: event.currentTarget.value })}
            />
            <TextInput
              aria-label={`How criterion ${index + 1} is checked`}
              placeholder="How it is checked, best by a test"
              value={criterion.check}
              onChange={(event) => setCriterion(index, { check: event.currentTarget.value })}
            />
            <ActionIcon
              variant="default"
              aria-label={`Drop criterion ${index + 1}`}
              onClick={() => change({ criteria: task.criteria.filter((_, at) => at !== index) })}
            >
              ×
            </ActionIcon>
          </div>
        ))}
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => change({ criteria: [...task.criteria, { text: "", check: "" }] })}
        >
          Add a criterion
        </Button>
      </fieldset>
    </li>
  );
}
