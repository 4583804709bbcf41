import { Drawing } from "./Drawing";
import { type Graph, stageWords } from "./graph";
import styles from "./Workflow.module.css";

const LEGEND = [
  { kind: "next", words: "goes on" },
  { kind: "fail", words: "fails" },
  { kind: "moved", words: "main moved" },
  { kind: "by hand", words: "by hand" },
] as const;

/** The stages drawn, and told one by one: each leads to its place in the text. */
export function Stages({ graph, show }: { graph: Graph; show: (name: string) => void }) {
  const kinds = new Set(graph.ways.map(({ kind }) => kind));
  return (
    <section className={styles.stages} aria-label="Stages">
      <Drawing graph={graph} />
      <p className={styles.legend} aria-hidden="true">
        {LEGEND.filter(({ kind }) => kinds.has(kind)).map(({ kind, words }) => (
          <span key={kind} data-kind={kind}>
            {words}
          </span>
        ))}
      </p>
      <ol className={styles.told}>
        {graph.stages.map(({ name, title }, at) => (
          <li key={`${at}${name}`}>
            <button type="button" className={styles.jump} onClick={() => show(name)} title="Show it in the text">
              {title}
            </button>{" "}
            {stageWords(graph, at)}
          </li>
        ))}
      </ol>
    </section>
  );
}
