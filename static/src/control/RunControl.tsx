import { Button } from "@mantine/core";
import type { Run } from "../api/types";
import { Tag } from "../tag/Tag";
import { useRunWord } from "./queries";
import { heldWords } from "./words";

/** Pause and resume of one live run, and how it stands. */
export function RunControl({ run }: { run: Run }) {
  const say = useRunWord(run.id);
  const verb = run.paused_at === null ? "pause" : "resume";
  const held = heldWords(run.held);
  return (
    <>
      {held && <Tag tone="wait">{held}</Tag>}
      <Button variant="default" size="compact-xs" loading={say.isPending} onClick={() => say.mutate(verb)}>
        {verb === "pause" ? "Pause" : "Resume"}
      </Button>
    </>
  );
}
