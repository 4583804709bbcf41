import { ActionIcon, Autocomplete, Button, MultiSelect } from "@mantine/core";
import { sizeWords } from "../plan/words";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { type Choice, COMPLEXITIES, movedTo, SIZES } from "./draft";
import { useModelNames } from "./queries";
import styles from "./Roles.module.css";

const moveWords = (index: number, by: number): string => `Ask model ${index + 1} ${by < 0 ? "sooner" : "later"}`;
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
  const [told, setTold] = useState("");
  const group = useRef<HTMLFieldSetElement>(null);
  const names = useModelNames();
  const set = (index: number, fields: Partial<Choice>) =>
    change(models.map((each, at) => (at === index ? { ...each, ...fields } : each)));
  /** By a key or a click: the focus goes along with the model, so that it can be moved on. */
  const move = (index: number, by: 1 | -1) => {
    const at = index + by;
    flushSync(() => change(movedTo(models, index, at)));
    setTold(`${models[index]?.model || "The new model"} is model ${at + 1} of ${models.length} now.`);
    const ends = by < 0 ? at === 0 : at === models.length - 1;
    group.current?.querySelector<HTMLElement>(`[aria-label="${moveWords(at, ends ? -by : by)}"]`)?.focus();
  };
  return (
    <fieldset className={styles.group} ref={group}>
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
            change(movedTo(models, taken, index));
            setTaken(index);
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
              aria-label={moveWords(index, -1)}
              disabled={index === 0}
              onClick={() => move(index, -1)}
            >
              ↑
            </ActionIcon>
            <ActionIcon
              variant="default"
              aria-label={moveWords(index, 1)}
              disabled={index === models.length - 1}
              onClick={() => move(index, 1)}
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
      <span className="wf-hidden" role="status">
        {told}
      </span>
    </fieldset>
  );
}
