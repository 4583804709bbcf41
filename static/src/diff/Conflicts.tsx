import type { Task } from "../api/types";
import { useHandoffs } from "../task/queries";
import { type Conflict, conflictsOf } from "./conflicts";
import styles from "./Conflicts.module.css";

/** Both sides of what git could not put together, as the last merge that failed left them. */
export function Conflicts({ task }: { task: Task }) {
  const { data } = useHandoffs(task.id);
  const found = conflictsOf(data ?? []);
  if (found.length === 0) return null;
  return (
    <section className={styles.box} aria-label="Conflicts">
      <h3>Conflicts with the main branch</h3>
      {found.map((one) => (
        <details key={one.path} open={found.length === 1}>
          <summary>{one.path}</summary>
          {one.binary && <p className={styles.none}>A binary file: only one side can stay.</p>}
          {one.places.map((place, index) => (
            <div key={index} className={styles.sides}>
              <Side title={`The main branch${where(place.line)}`} text={place.target} />
              <Side title={`This task${where(place.line)}`} text={place.branch} />
            </div>
          ))}
        </details>
      ))}
    </section>
  );
}

const where = (line: Conflict["places"][number]["line"]): string => (line === null ? "" : `, line ${line}`);

function Side({ title, text }: { title: string; text: string | null }) {
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <pre tabIndex={0}>{text ?? "(the file is deleted)"}</pre>
    </figure>
  );
}
