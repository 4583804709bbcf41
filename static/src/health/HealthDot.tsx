import { Popover } from "@mantine/core";
import { useState } from "react";
import type { HealthPart } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { HealthButton } from "./HealthButton";
import styles from "./HealthDot.module.css";
import { useHealth } from "./queries";
import { partName, worstFirst } from "./words";

/** The dot, which opens on each part and what to do where one is not well. */
export default function HealthDot({ startOpened = false }: { startOpened?: boolean }) {
  const [opened, setOpened] = useState(startOpened);
  const health = useHealth();
  const open = (next: boolean) => {
    setOpened(next);
    if (next) void health.refetch();
  };
  return (
    <Popover opened={opened} onChange={open} position="bottom-end" width={360} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <HealthButton onClick={() => open(!opened)} />
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
