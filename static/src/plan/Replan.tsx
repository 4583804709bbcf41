import { Button, Group, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Plan, PlanProgress } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { useRequest } from "../request/queries";
import { begunWords, keepWords } from "../task/inPlace";
import styles from "./Plans.module.css";
import { useReplan } from "./queries";
import { heldWords, notBegun } from "./replan";

interface Props {
  plan: Plan;
  progress: PlanProgress | undefined;
}

/** The way to have planned anew what nobody has begun; nothing where nothing is left. */
export function Replan({ plan, progress }: Props) {
  const request = useRequest(plan.request_id);
  const [asking, setAsking] = useState(false);
  const kept = `plan.${plan.id}.replan`;
  const [reason, setReason] = useState(() => begunWords(kept) ?? "");
  const rest = notBegun(progress);
  const replan = useReplan(plan.id, () => {
    keepWords(kept, null);
    setAsking(false);
    tellDone("The PM plans the rest anew. What is under way goes on.");
  });
  if (plan.state !== "approved" || rest.length === 0 || !request.data) return null;
  if (request.data.state !== "planned")
    return (
      <p className={styles.newer} role="status">
        The rest is being planned anew; {heldWords(rest)} until you decide on the new plan.
      </p>
    );
  if (!asking)
    return (
      <Group gap="xs">
        <Button size="xs" variant="default" onClick={() => setAsking(true)}>
          Plan the rest anew …
        </Button>
      </Group>
    );
  const send = () => replan.mutate(reason.trim());
  return (
    <section className={styles.asking} aria-label="Plan the rest anew">
      <Textarea
        label="What is different now?"
        description={`The PM is told these words and how far the plan is. ${heldWords(rest)} until you decide on the new plan: approved, it stands in the place of what is held; rejected, that goes on. What is done or under way is never touched.`}
        autosize
        minRows={2}
        maxRows={10}
        maxLength={20_000}
        autoFocus
        value={reason}
        onChange={(event) => {
          setReason(event.currentTarget.value);
          keepWords(kept, event.currentTarget.value || null);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && reason.trim() && !replan.isPending) send();
        }}
      />
      {replan.isError && <ProblemNote error={replan.error} />}
      <Group gap="xs" justify="flex-end">
        <Button variant="default" onClick={() => setAsking(false)}>
          Back
        </Button>
        <Button disabled={!reason.trim()} loading={replan.isPending} onClick={send}>
          Plan it anew
        </Button>
      </Group>
    </section>
  );
}
