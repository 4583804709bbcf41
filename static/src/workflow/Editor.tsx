import { Button, Group, Skeleton } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";
import type { Workflow } from "../api/types";
import { Checks } from "./Checks";
import { type Draft, draftKept, keepDraft, leftOf, SMALLEST } from "./draft";
import { graphOf, lineOfStage } from "./graph";
import { Overtaken } from "./Overtaken";
import { usePutWorkflow } from "./queries";
import { Save } from "./Save";
import { Stages } from "./Stages";
import { useChecked } from "./useChecked";
import styles from "./Workflow.module.css";

const YamlEditor = lazy(() => import("./YamlEditor"));

interface Props {
  /** Under which what was begun is kept in this browser. */
  name: string;
  workflow: Workflow | null;
}

/** The text with the hub's check as it is written, the stages as the hub reads them, and saving. */
export function Editor({ name, workflow }: Props) {
  const [begun, setBegun] = useState(() => draftKept(name));
  const [asked, setAsked] = useState<{ line: number; asked: number } | null>(null);
  const source = begun?.source ?? workflow?.source ?? SMALLEST;
  const base = begun?.base ?? workflow?.version ?? 0;
  const put = usePutWorkflow();
  const checked = useChecked(source);
  const current = checked?.source === source ? checked.told : null;
  const definition = checked?.told?.definition ?? workflow?.definition ?? null;
  const graph = useMemo(() => definition && graphOf(definition), [definition]);
  const faults = useMemo(() => current?.errors ?? [], [current]);
  const write = (next: Draft | null) => {
    const same = next === null || (workflow !== null && next.source === workflow.source);
    setBegun(same ? null : next);
    keepDraft(name, same ? null : next);
  };
  const goTo = (line: number) => setAsked((before) => ({ line, asked: (before?.asked ?? 0) + 1 }));
  const showStage = (stage: string) => {
    const line = lineOfStage(source, stage);
    if (line !== null) goTo(line);
  };
  const drafted = begun !== null || workflow === null;
  const newer = workflow !== null && begun !== null && begun.base !== workflow.version;
  const overtaken = newer && begun.source !== workflow.source && !put.isPending; // else it is what is saved here
  return (
    <div className={styles.two}>
      {graph && <Stages graph={graph} show={showStage} />}
      <Suspense fallback={<Skeleton height={420} radius={8} />}>
        <YamlEditor
          label="The workflow's YAML"
          value={source}
          change={(text) => write({ base, source: text })}
          faults={faults}
          goTo={asked}
        />
      </Suspense>
      <Checks checked={checked} current={current} goTo={goTo} />
      {overtaken && (
        <Overtaken
          workflow={workflow}
          base={begun.base}
          mine={() => write({ base: workflow.version, source: begun.source })}
          theirs={() => write(null)}
        />
      )}
      <Group gap="xs">
        <Button variant="default" onClick={() => download(current?.name ?? workflow?.name ?? "workflow", source)}>
          Export this text
        </Button>
        {begun !== null && workflow !== null && !overtaken && (
          <Button variant="default" onClick={() => write(null)}>
            Drop my changes
          </Button>
        )}
      </Group>
      {drafted && !overtaken && (
        <Save
          put={put}
          workflow={workflow}
          base={base}
          source={source}
          checked={current}
          saved={(made) => {
            const left = leftOf(draftKept(name), source, made.version);
            setBegun(left);
            keepDraft(name, null);
            keepDraft(made.name, left); // a new workflow was begun under no name
          }}
        />
      )}
    </div>
  );
}

function download(name: string, source: string): void {
  const url = URL.createObjectURL(new Blob([source], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}.yaml`;
  link.click();
  URL.revokeObjectURL(url);
}
