import { ActionIcon, Autocomplete, Button, MultiSelect } from "@mantine/core";
import { sizeWords } from "../plan/words";
import { type Choice, COMPLEXITIES, moved, SIZES } from "./draft";
import { useModelNames } from "./queries";
import styles from "./Roles.module.css";

const SIZE_CHOICES = SIZES.map((size) => ({ value: size, label: sizeWords(size) }));

/** A role's models in their order: the first that is meant for the work is asked, the others stand in. */
export function ModelsFields({ models, change }: { models: Choice[]; change: (models: Choice[]) => void }) {
  const names = useModelNames();
  const set = (index: number, fields: Partial<Choice>) =>
    change(models.map((each, at) => (at === index ? { ...each, ...fields } : each)));
  return (
    <fieldset className={styles.group}>
      <legend>Models</legend>
      <p className={styles.hint}>
        {models.length === 0
          ? "None of its own: it uses the project's model, else the hub's."
          : "The first is asked; the next stands in where it fails, is too dear, or is not meant for such work."}
      </p>
      {models.map((choice, index) => (
        <div key={index} className={styles.model} role="group" aria-label={`Model ${index + 1}`}>
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
