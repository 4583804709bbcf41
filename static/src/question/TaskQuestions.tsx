import type { Task } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { useTaskQuestions } from "./queries";
import { QuestionList } from "./QuestionList";
import styles from "./Questions.module.css";
import { openFirst } from "./words";

/** What agents asked on a task; nothing where they asked nothing. */
export function TaskQuestions({ task }: { task: Task }) {
  const questions = useTaskQuestions(task.id);
  if (questions.isError) return <ProblemNote error={questions.error} again={() => void questions.refetch()} />;
  if (!questions.data?.length) return null;
  const open = questions.data.some(({ state }) => state === "asked");
  const all = <QuestionList questions={openFirst(questions.data)} then={`${task.key} goes on with your answer.`} />;
  if (!open)
    return (
      <details className={styles.box}>
        <summary>What agents asked you, {questions.data.length}</summary>
        {all}
      </details>
    );
  return (
    <section className={styles.box} data-open aria-labelledby="asked">
      <h3 id="asked">An agent asks you</h3>
      {all}
    </section>
  );
}
