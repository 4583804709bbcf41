import { Button, Chip, Group, Textarea } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Question } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { answerBegun, keepAnswer } from "./draft";
import { useAnswer } from "./queries";
import styles from "./Questions.module.css";

const LONGEST = 4_000;

/** The answer to one question: an option, or the person's own words. */
export function Answer({ question, then }: { question: Question; then: string }) {
  const [words, setWords] = useState(() => answerBegun(question.id));
  const answer = useAnswer(question.id, () => {
    keepAnswer(question.id, "");
    tellDone(then);
  });
  const write = (text: string) => {
    setWords(text);
    keepAnswer(question.id, text);
  };
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    const said = words.trim();
    if (!said || answer.isPending) return;
    answer.mutate(said);
  };
  return (
    <form className={styles.answer} onSubmit={send}>
      {question.options.length > 0 && (
        <Chip.Group value={words} onChange={(value) => write(typeof value === "string" ? value : "")}>
          <Group gap={6} role="group" aria-label="Answers it offers">
            {question.options.map((option) => (
              <Chip key={option} size="xs" value={option}>
                {option}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      )}
      <Textarea
        aria-label={`Your answer to: ${question.text}`}
        placeholder={question.options.length > 0 ? "or in your own words" : "In your own words"}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={LONGEST}
        value={words}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(event);
        }}
      />
      {answer.isError && <ProblemNote error={answer.error} />}
      <span>
        <Button type="submit" disabled={!words.trim()} loading={answer.isPending}>
          Answer
        </Button>
      </span>
    </form>
  );
}
