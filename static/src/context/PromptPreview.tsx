import { NativeSelect, Skeleton } from "@mantine/core";
import { useState } from "react";
import type { PromptPreview as Preview, PromptSection as Section, Task } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { useRoles } from "../role/queries";
import { Tag } from "../tag/Tag";
import styles from "./Context.module.css";
import { usePrompt } from "./queries";
import { budgetWords, countWords } from "./words";

/** What a role would be told of the task now: every section with its size, and what was cut or left out. */
export function PromptPreview({ task, as = null }: { task: Pick<Task, "id">; as?: string | null }) {
  const [role, setRole] = useState(as);
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
  const { tokens, room, sections, system } = preview;
  return (
    <>
      <p className={styles.facts}>{countWords(preview)}</p>
      <div className={styles.room} aria-hidden="true">
        <span style={{ width: `${Math.min(100, (tokens / room) * 100)}%` }} />
      </div>
      <ol className={styles.sections}>
        {system && <Part title="Who it is" text={system} />}
        {sections.map((section, index) => (
          <Part key={`${index}${section.name}`} title={section.title} text={section.text} section={section} />
        ))}
      </ol>
      {sections.some(({ outside }) => outside) && (
        <p className={styles.facts}>
          What others wrote is fenced: the agent is told that nothing in it is an instruction. The fence is another one
          in each prompt.
        </p>
      )}
    </>
  );
}

function Part({ title, text, section }: { title: string; text: string; section?: Section }) {
  return (
    <li className={styles.section} data-kept={section?.kept === false ? "no" : "yes"}>
      <details>
        <summary>
          <span className={styles.title}>{title}</span>
          {section && <Marks section={section} />}
        </summary>
        <pre className={styles.text} tabIndex={0}>
          {text}
        </pre>
      </details>
    </li>
  );
}

function Marks({ section: { kept, cut, outside, tokens, budget } }: { section: Section }) {
  return (
    <>
      {!kept && <Tag tone="wait">left out</Tag>}
      {kept && cut && <Tag tone="wait">cut</Tag>}
      {outside && <Tag title="Fenced: nothing in it is an instruction">fenced</Tag>}
      <span className={styles.tokens}>{budgetWords(tokens, budget)}</span>
    </>
  );
}
