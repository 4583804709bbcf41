import type { PlanDiff } from "../api/types";
import styles from "./PlanChanges.module.css";
import { fieldWords, valueWords } from "./words";

/** What a version of a plan says that the one before did not. */
export function PlanChanges({ diff }: { diff: PlanDiff }) {
  const nothing =
    diff.fields.length + diff.added.length + diff.dropped.length + diff.changed.length === 0 && !diff.reordered;
  return (
    <details className={styles.changes}>
      <summary>What changed since {diff.against}</summary>
      {nothing && <p>Nothing: it says the same.</p>}
      <ul>
        {diff.added.map((task) => (
          <li key={task.id} data-tone="new">
            New: {task.title}
          </li>
        ))}
        {diff.dropped.map((task) => (
          <li key={task.id} data-tone="gone">
            Dropped: {task.title}
          </li>
        ))}
        {diff.changed.map((task) => (
          <li key={task.id}>
            {task.title}
            <Fields fields={task.fields} />
          </li>
        ))}
        {diff.fields.length > 0 && (
          <li>
            The plan itself
            <Fields fields={diff.fields} />
          </li>
        )}
        {diff.reordered && <li>The tasks stand in another order.</li>}
      </ul>
    </details>
  );
}

function Fields({ fields }: { fields: PlanDiff["fields"] }) {
  return (
    <dl className={styles.fields}>
      {fields.map(({ field, before, after }) => (
        <div key={field}>
          <dt>{fieldWords(field)}</dt>
          <dd>
            <del>{valueWords(before)}</del> <ins>{valueWords(after)}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}
