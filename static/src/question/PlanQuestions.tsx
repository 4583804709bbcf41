import type { Plan } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { usePlanQuestions } from "./queries";
import { QuestionList } from "./QuestionList";
import styles from "./Questions.module.css";

/** What the PM asks about a request; with the last answer it plans anew. */
export function PlanQuestions({ plan }: { plan: Plan }) {
  const questions = usePlanQuestions(plan.id);
  if (questions.isError) return <ProblemNote error={questions.error} again={() => void questions.refetch()} />;
  if (!questions.data?.length) return null;
  const open = questions.data.filter(({ state }) => state === "asked").length;
  return (
    <section className={styles.box} data-open={open > 0 || undefined} aria-labelledby="pm-asks">
      <h2 id="pm-asks">{open > 0 ? "The PM asks you" : "The PM asked you"}</h2>
      <QuestionList
        questions={questions.data}
        then={open > 1 ? "Kept. With the last answer the PM plans anew." : "The PM plans anew with your answers."}
      />
    </section>
  );
}
