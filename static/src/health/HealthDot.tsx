import { Popover, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { HealthPart } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import styles from "./HealthDot.module.css";
import { useHealth } from "./queries";
import { healthWords, partName, worstFirst } from "./words";

/** A quiet dot while all is well; else it says in words how many parts are not, and opens on what to do. */
export function HealthDot() {
  const [opened, setOpened] = useState(false);
  const health = useHealth();
  const status = health.isError ? "unknown" : (health.data?.status ?? "off");
  const words = health.data && !health.isError ? healthWords(health.data) : "Not known";
  const open = (next: boolean) => {
    setOpened(next);
    if (next) void health.refetch();
  };
  return (
    <Popover opened={opened} onChange={open} position="bottom-end" width={360} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton
          className={styles.dot}
          data-status={status}
          aria-label={`Health of the hub: ${words}`}
          title={`Health of the hub: ${words}`}
          onClick={() => open(!opened)}
        >
          {(status === "unwell" || status === "unknown") && <span className={styles.words}>{words}</span>}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={styles.parts} aria-label="Health of the hub">
        {health.isError && <ProblemNote error={health.error} again={() => void health.refetch()} />}
        {!health.isError && (
          <ul tabIndex={-1} data-autofocus>
            {worstFirst(health.data?.parts ?? []).map((part) => (
              <Part key={`${part.kind} ${part.name}`} part={part} />
            ))}
          </ul>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

const STATUS = { well: "well", unwell: "not well", unknown: "not known", off: "not used" };

function Part({ part }: { part: HealthPart }) {
  return (
    <li className={styles.part} data-status={part.status}>
      <p className={styles.name}>
        {partName(part)}
        <span className={styles.status}>{STATUS[part.status]}</span>
      </p>
      <p className={styles.sentence}>{part.sentence}</p>
      {part.way_out && <p className={styles.way}>{part.way_out}</p>}
    </li>
  );
}
