import { Anchor, Loader } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { Plan } from "../api/types";
import { go, linkTo, usePlace } from "../place/usePlace";
import { newerOf } from "./newer";
import styles from "./Plans.module.css";
import { usePlansOfRequest } from "./queries";

/** Leads from a plan that was sent back to the PM's next one; by itself where a person waited for it here. */
export function NewerPlan({ plan }: { plan: Plan }) {
  const place = usePlace();
  const plans = usePlansOfRequest(plan.request_id);
  const waited = useRef(false);
  const newer = plans.data && newerOf(plan, plans.data);
  useEffect(() => {
    if (!plans.data) return;
    if (!newer) waited.current = plan.state === "changes_asked" || plan.state === "waiting";
    else if (waited.current) go({ plan: newer.id }, "replace");
  }, [plans.data, newer, plan.state]);
  if (newer)
    return (
      <p className={styles.newer}>
        <Anchor {...linkTo(place, { plan: newer.id })}>Read version {newer.number}, which came after it</Anchor>
      </p>
    );
  if (plan.state !== "changes_asked" || !plans.data) return null;
  return (
    <p className={styles.newer} role="status">
      <Loader size={14} /> The PM makes the next version; it opens here.
    </p>
  );
}
