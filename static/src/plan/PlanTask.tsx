import type { PlanProgress } from "../api/types";
import { linkTo, usePlace } from "../place/usePlace";
import { Tag } from "../tag/Tag";
import { stateWords } from "../task/words";
import type { PlannedTask } from "./body";
import styles from "./PlanTask.module.css";
import { sizeWords } from "./words";

interface Props {
  number: number;
  task: PlannedTask;
  numbers: Map<string, number>;
  made: PlanProgress["tasks"][number] | undefined;
  faults: string[];
}

export function PlanTask({ number, task, numbers, made, faults }: Props) {
  const place = usePlace();
  const after = task.depends_on.map((id) => numbers.get(id) ?? id);
  return (
    <li className={styles.task} data-fault={faults.length > 0 || undefined}>
      <span className={styles.number} aria-hidden="true">
        {number}
      </span>
      <div className={styles.words}>
        <h2 className={styles.title}>
          {made ? <a {...linkTo(place, { task: made.id })}>{task.title}</a> : task.title}
        </h2>
        <p className={styles.facts}>
          <Tag>{task.kind}</Tag>
          <Tag title={`Priority ${task.priority} of 10`}>P{task.priority}</Tag>
          <span>{sizeWords(task.size)}</span>
          {after.length > 0 && <span>after task {after.join(", ")}</span>}
          {made && (
            <a className={styles.made} {...linkTo(place, { task: made.id })}>
              {made.key} · {stateWords(made)}
            </a>
          )}
        </p>
        {faults.map((fault) => (
          <p key={fault} className={styles.fault}>
            {fault}
          </p>
        ))}
        {task.description && <p className={styles.description}>{task.description}</p>}
        {task.criteria.length > 0 && (
          <ul className={styles.criteria} aria-label="Done when">
            {task.criteria.map((criterion) => (
              <li key={criterion.text}>
                <span>{criterion.text}</span>
                {criterion.check && <code title={criterion.check}>{shortCheck(criterion.check)}</code>}
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

const shortCheck = (check: string): string => check.split("::").at(-1) ?? check;
