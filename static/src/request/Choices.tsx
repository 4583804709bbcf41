import { Checkbox, SegmentedControl, Select } from "@mantine/core";
import { AddFiles } from "../attachment/AddFiles";
import { useProject, useProjects } from "../project/queries";
import frame from "./Box.module.css";
import styles from "./RequestBox.module.css";
import { type Kind, KINDS } from "./words";

interface Props {
  kind: Kind;
  setKind: (kind: Kind) => void;
  single: boolean;
  setSingle: (single: boolean) => void;
  chosen: string | null;
  setChosen: (project: string | null) => void;
  /** It was sent without saying for which project. */
  unsaid: boolean;
  add: (files: File[]) => void;
}

/** What a request is, for which project, and what goes along. */
export default function Choices({ kind, setKind, single, setSingle, chosen, setChosen, unsaid, add }: Props) {
  const project = useProject();
  const projects = useProjects();
  return (
    <>
      <SegmentedControl
        size="xs"
        transitionDuration={0}
        classNames={{ label: styles.kind }}
        aria-label="What it is"
        data={KINDS}
        value={kind}
        onChange={(value) => setKind(value)}
      />
      {project === null && (
        <Select
          size="xs"
          aria-label="Project of the request"
          placeholder="Which project?"
          data={projects.data?.map((each) => ({ value: String(each.id), label: each.name })) ?? []}
          value={chosen}
          error={unsaid && chosen === null ? "Say for which project." : undefined}
          onChange={setChosen}
        />
      )}
      <AddFiles add={add} />
      <span className={`${frame.hint} ${frame.wide}`}>or drop and paste them here</span>
      <Checkbox
        className={styles.single}
        size="xs"
        label="One task is enough"
        checked={single}
        onChange={(event) => setSingle(event.currentTarget.checked)}
      />
    </>
  );
}
