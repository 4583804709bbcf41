import { Button } from "@mantine/core";
import { tellDone, tellProblem } from "../problem/tell";
import { Tag } from "../tag/Tag";
import styles from "./FirstRun.module.css";
import { type Models, useDefaultModel } from "./queries";
import { fitWords, gigabytes } from "./words";

interface Props {
  models: Models["providers"][number]["models"];
  chosen: string;
}

/** What a provider has, what of it fits the card, and which one is the hub's. */
export function ModelList({ models, chosen }: Props) {
  const choose = useDefaultModel();
  return (
    <ul className={styles.models} aria-label="Models">
      {models.map((model) => (
        <li key={model.name}>
          <span className={styles.name}>{model.name}</span>
          <span className={styles.fit} data-bad={(model.fit !== null && model.largest_context === null) || undefined}>
            {[model.bytes > 0 && gigabytes(model.bytes), fitWords(model)].filter(Boolean).join(" · ")}
          </span>
          {model.name === chosen ? (
            <Tag tone="ok">in use</Tag>
          ) : (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Use it: ${model.name}`}
              loading={choose.isPending && choose.variables === model.name}
              onClick={() =>
                choose.mutate(model.name, {
                  onSuccess: () =>
                    tellDone(`${model.name} answers from now on, where no role or project says another.`),
                  onError: tellProblem,
                })
              }
            >
              Use it
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
