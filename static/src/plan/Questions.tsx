import { Button, Textarea } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Plan } from "../api/types";
import { afterwards } from "./afterwards";
import styles from "./Plans.module.css";
import { useDecidePlan } from "./queries";
import { answersWords } from "./words";

const kept = (plan: Plan): string => `wfhub.answers.${plan.id}`;

/** What the PM asks, answered right there: with the answers it plans anew. */
export function Questions({ plan, questions }: { plan: Plan; questions: string[] }) {
  const [answers, setAnswers] = useState<string[]>(
    () => JSON.parse(sessionStorage.getItem(kept(plan)) ?? "[]") as string[],
  );
  const decide = useDecidePlan(plan.id, (word) => {
    sessionStorage.removeItem(kept(plan));
    afterwards(word);
  });
  const words = answersWords(questions, answers);
  const answer = (index: number, text: string) => {
    const next = questions.map((_, at) => (at === index ? text : (answers[at] ?? "")));
    setAnswers(next);
    sessionStorage.setItem(kept(plan), JSON.stringify(next));
  };
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (words) decide.mutate({ say: "change", words });
  };
  return (
    <section className={styles.points} data-tone="wait" aria-label="The PM asks you">
      <h2>The PM asks you</h2>
      <form className={styles.questions} onSubmit={send}>
        {questions.map((question, index) => (
          <Textarea
            key={question}
            label={question}
            autosize
            minRows={1}
            maxRows={6}
            maxLength={4_000}
            value={answers[index] ?? ""}
            onChange={(event) => answer(index, event.currentTarget.value)}
          />
        ))}
        <div className={styles.send}>
          <Button type="submit" disabled={!words} loading={decide.isPending}>
            Answer: the PM plans anew
          </Button>
          <span className={styles.facts}>or approve the plan as it stands.</span>
        </div>
      </form>
    </section>
  );
}
