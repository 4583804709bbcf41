import type { Question } from "../api/types";
import { Answer } from "./Answer";
import styles from "./Questions.module.css";
import { outcomeWords } from "./words";

/** What was asked, each with its answer or the place for one. */
export function QuestionList({ questions, then }: { questions: Question[]; then: string }) {
  return (
    <ol className={styles.list}>
      {questions.map((question) => (
        <li key={question.id} className={styles.question}>
          <p className={styles.text}>{question.text}</p>
          {question.state === "asked" ? (
            <Answer question={question} then={then} />
          ) : (
            <p className={styles.outcome}>{outcomeWords(question)}</p>
          )}
        </li>
      ))}
    </ol>
  );
}
