import { NativeSelect, Skeleton } from "@mantine/core";
import { useState } from "react";
import type { PromptPreview as Preview, Task } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { useRoles } from "../role/queries";
import { Tag } from "../tag/Tag";
import styles from "./Context.module.css";
import { usePrompt } from "./queries";
import { countWords, tokenWords } from "./words";

/** What a role would be told of the task now: every section with its size, and what was cut or left out. */
export function PromptPreview({ task }: { task: Task }) {
  const [role, setRole] = useState<string | null>(null);
  const roles = useRoles();
  const prompt = usePrompt(task.id, role);
  return (
    <section className={styles.part} aria-labelledby="prompt">
      <div className={styles.bar}>
        <h3 id="prompt">What the agent would be told now</h3>
        <NativeSelect
          size="xs"
          aria-label="As which role"
          value={role ?? ""}
          onChange={(event) => setRole(event.currentTarget.value || null)}
          data={[
            { value: "", label: "the role it comes to next" },
            ...(roles.data ?? []).map(({ name, title }) => ({ value: name, label: title })),
          ]}
        />
      </div>
      {prompt.isPending && <Skeleton height={180} radius={8} />}
      {prompt.isError && <ProblemNote error={prompt.error} />}
      {prompt.data && <Sections preview={prompt.data} />}
    </section>
  );
}

function Sections({ preview }: { preview: Preview }) {
  const { tokens, room, sections, system, text } = preview;
  return (
    <>
      <p className={styles.facts}>{countWords(preview)}</p>
      <div className={styles.room} aria-hidden="true">
        <span style={{ width: `${Math.min(100, (tokens / room) * 100)}%` }} />
      </div>
      <ol className={styles.sections}>
        {system && <Section title="Who it is" tokens={null} kept text={system} />}
        {sections.map((section, index) => (
          <li key={index} className={styles.section} data-kept={section.kept ? "yes" : "no"}>
            <p className={styles.plain}>
              <span className={styles.title}>{section.title}</span>
              {!section.kept && <Tag tone="wait">left out</Tag>}
              <span className={styles.tokens}>{tokenWords(section.tokens)}</span>
            </p>
          </li>
        ))}
        <Section title="The whole prompt as it is sent" tokens={tokens} kept text={text} />
      </ol>
    </>
  );
}

interface SectionProps {
  title: string;
  tokens: number | null;
  kept: boolean;
  text: string;
}

function Section({ title, tokens, kept, text }: SectionProps) {
  return (
    <li className={styles.section} data-kept={kept ? "yes" : "no"}>
      <details>
        <summary>
          <span className={styles.title}>{title}</span>
          {tokens !== null && <span className={styles.tokens}>{tokenWords(tokens)}</span>}
        </summary>
        <pre className={styles.text} tabIndex={0}>
          {text}
        </pre>
      </details>
    </li>
  );
}
