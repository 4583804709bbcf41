import { UnstyledButton } from "@mantine/core";
import type { ComponentProps } from "react";
import styles from "./HealthDot.module.css";
import { useHealth } from "./queries";
import { healthWords } from "./words";

/** A quiet dot while all is well; else it says in words how many parts are not. */
export function HealthButton({ className = "", ...rest }: ComponentProps<"button">) {
  const health = useHealth();
  const status = health.isError ? "unknown" : (health.data?.status ?? "off");
  const words = health.data && !health.isError ? healthWords(health.data) : "Not known";
  return (
    <UnstyledButton
      className={`${styles.dot} ${className}`}
      data-status={status}
      aria-label={`Health of the hub: ${words}`}
      title={`Health of the hub: ${words}`}
      {...rest}
    >
      {(status === "unwell" || status === "unknown") && <span className={styles.words}>{words}</span>}
    </UnstyledButton>
  );
}
