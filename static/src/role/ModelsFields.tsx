import { ActionIcon, Autocomplete, Button, MultiSelect } from "@mantine/core";
import { sizeWords } from "../plan/words";
import { useState } from "react";
import { type Choice, COMPLEXITIES, moved, SIZES } from "./draft";
import { useModelNames } from "./queries";
import styles from "./Roles.module.css";

const SIZE_CHOICES = SIZES.map((size) => ({ value: size, label: sizeWords(size) }));

/** A role's models in their order: the first that is meant for the work is asked, the others stand in. */
interface Props {
  models: Choice[];
  change: (models: Choice[]) => void;
  legend?: string;
  none?: string;
}

export function ModelsFields({
  models,
  change,
  legend = "Models",
  none = "None of its own: it uses the project's model, else the hub's.",
}: Props) {
  const [taken, setTaken] = useState<number | null>(null);
  const names = useModelNames();
  const set = (index: number, fields: Partial<Choice>) =>
    change(models.map((each, at) => (at === index ? { ...each, ...fields } : each)));
  return (
    <fieldset className={styles.group}>
      <legend>{legend}</legend>
      <p className={styles.hint}>
        {models.length === 0
          ? none
          : "The first is asked; the next stands in where it fails, is too dear, or is not meant for such work."}
      </p>
      {models.map((choice, index) => (
        <div
          key={index}
          className={styles.model}
          role="group"
          aria-label={`Model ${index + 1}`}
          data-taken={taken === index || undefined}
          onDragOver={(event) => {
            if (taken === null) return;
            event.preventDefault();
            if (taken === index) return;
            const by = index > taken ? 1 : -1;
            change(moved(models, taken, by));
            setTaken(taken + by);
          }}
          onDrop={(event) => event.preventDefault()}
        >
          <Autocomplete
            aria-label={`Name of model ${index + 1}`}
            placeholder="ollama/qwen2.5-coder:1.5b"
            data={names.data ?? []}
            value={choice.model}
            onChange={(model) => set(index, { model })}
          />
          <MultiSelect
            aria-label={`Model ${index + 1} only for plans that are`}
            placeholder={choice.complexity.length === 0 ? "any plan" : ""}
            data={[...COMPLEXITIES]}
            value={choice.complexity}
            onChange={(complexity) => set(index, { complexity })}
          />
          <MultiSelect
            aria-label={`Model ${index + 1} only for tasks that are`}
            placeholder={choice.size.length === 0 ? "any size" : ""}
            data={SIZE_CHOICES}
            value={choice.size}
            onChange={(size) => set(index, { size })}
          />
          <span className={styles.moves}>
            {models.length > 1 && (
              <span
                className={styles.grip}
                draggable
                title="Drag to another place in the order"
                aria-hidden="true"
                onDragStart={(event) => {
                  event.dataTransfer.setData("text/plain", choice.model);
                  event.dataTransfer.effectAllowed = "move";
                  setTaken(index);
                }}
                onDragEnd={() => setTaken(null)}
              >
                ⋮⋮
              </span>
            )}
            <ActionIcon
              variant="default"
              aria-label={`Ask model ${index + 1} sooner`}
              disabled={index === 0}
              onClick={() => change(moved(models, index, -1))}
            >
              ↑
            </ActionIcon>
            <ActionIcon
              variant="default"
              aria-label={`Ask model ${index + 1} later`}
              disabled={index === models.length - 1}
              onClick={() => change(moved(models, index, 1))}
            >
              ↓
            </ActionIcon>
            <ActionIcon
              variant="default"
              aria-label={`Leave out model ${index + 1}`}
              onClick={() => change(models.filter((_, at) => at !== index))}
            >
              ×
            </ActionIcon>
          </span>
        </div>
      ))}
      <span>
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => change([...models, { model: "", complexity: [], size: [] }])}
        >
          Add a model
        </Button>
      </span>
    </fieldset>
  );
}
