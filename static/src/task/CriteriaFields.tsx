import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useState } from "react";
import type { TaskDraft } from "./newTask";
import styles from "./NewTask.module.css";

interface Props {
  criteria: TaskDraft["criteria"];
  faults: Record<string, string>;
  set: (criteria: TaskDraft["criteria"]) => void;
}

/** What holds when the task is done, a line each; Enter in the last one begins the next. */
export function CriteriaFields({ criteria, faults, set }: Props) {
  const [added, setAdded] = useState(-1);
  const change = (index: number, some: Partial<TaskDraft["criteria"][number]>) =>
    set(criteria.map((each, at) => (at === index ? { ...each, ...some } : each)));
  const add = () => {
    setAdded(criteria.length);
    set([...criteria, { text: "", check: "" }]);
  };
  return (
    <fieldset className={styles.criteria}>
      <legend>Done when</legend>
      {criteria.map((criterion, index) => (
        <div key={index} className={styles.criterion}>
          <TextInput
            aria-label={`Criterion ${index + 1}`}
            placeholder="What holds then"
            maxLength={2_000}
            autoFocus={index === added}
            error={faults[`criteria.${index}`]}
            value={criterion.text}
            onChange={(event) => change(index, { text: event.currentTarget.value })}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
              event.preventDefault();
              if (index === criteria.length - 1 && criterion.text.trim()) add();
            }}
          />
          <TextInput
            aria-label={`How criterion ${index + 1} is checked`}
            placeholder="How it is checked, best by a test"
            maxLength={2_000}
            value={criterion.check}
            onChange={(event) => change(index, { check: event.currentTarget.value })}
          />
          <ActionIcon
            variant="default"
            aria-label={`Drop criterion ${index + 1}`}
            onClick={() => set(criteria.filter((_, at) => at !== index))}
          >
            ×
          </ActionIcon>
        </div>
      ))}
      <Button size="compact-xs" variant="subtle" disabled={criteria.length >= 50} onClick={add}>
        Add a criterion
      </Button>
    </fieldset>
  );
}
