import { Button, Skeleton, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { Tag } from "../tag/Tag";
import { Option } from "./Option";
import { useOutsideProjects } from "./queries";
import styles from "./Tracker.module.css";
import { toStep, TrackerTrouble } from "./TrackerTrouble";
import type { StepProps } from "./Wizard";

const SEARCHED_FROM = 8;
const MOST = 100;

/** Which of their projects the tasks are in. */
export function TheirStep({ draft, set }: StepProps) {
  const projects = useOutsideProjects(draft.credential);
  const [words, setWords] = useState("");
  const next = (event: SyntheticEvent) => {
    event.preventDefault();
    if (draft.theirs !== null) toStep("ours");
  };
  if (projects.isError)
    return <TrackerTrouble error={projects.error} at="theirs" again={() => void projects.refetch()} />;
  if (projects.isPending) return <Skeleton height={200} radius={8} aria-label="Their projects are asked for" />;
  const typed = words.trim().toLowerCase();
  const found = projects.data.filter(({ name, space }) => `${name} ${space}`.toLowerCase().includes(typed));
  const sorted = [...found.filter(({ archived }) => !archived), ...found.filter(({ archived }) => archived)];
  return (
    <form onSubmit={next} className={styles.form}>
      {projects.data.length === 0 && (
        <p className={styles.hint}>This account sees no project there. Let it be added to one, then ask again.</p>
      )}
      {projects.data.length > SEARCHED_FROM && (
        <TextInput
          type="search"
          aria-label="Search their projects"
          placeholder={`Search ${projects.data.length} projects`}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      )}
      <fieldset className={styles.options}>
        <legend className="wf-hidden">Their project</legend>
        {sorted.slice(0, MOST).map(({ id, name, space, archived }) => (
          <Option
            key={id}
            group="theirs"
            value={id}
            chosen={draft.theirs?.id === id}
            choose={() => set({ theirs: { id, name } })}
            name={
              <>
                {name} {archived && <Tag>archived there</Tag>}
              </>
            }
          >
            {space || null}
          </Option>
        ))}
      </fieldset>
      {sorted.length > MOST && (
        <p className={styles.hint}>And {(sorted.length - MOST).toLocaleString("en")} more: search for yours.</p>
      )}
      {projects.data.length > 0 && sorted.length === 0 && <p className={styles.hint}>No project is called so.</p>}
      <p className={styles.acts}>
        <Button type="submit" disabled={draft.theirs === null}>
          Next
        </Button>
        <Button variant="default" loading={projects.isFetching} onClick={() => void projects.refetch()}>
          Ask again
        </Button>
      </p>
    </form>
  );
}
