import { Menu, UnstyledButton } from "@mantine/core";
import type { Task, TaskPatch } from "../api/types";
import { Tag } from "../tag/Tag";
import { useMark } from "./edit";
import styles from "./TaskPanel.module.css";

const KINDS = [
  "feature",
  "bug",
  "docs",
  "test",
  "refactor",
  "research",
  "infra",
] as const satisfies TaskPatch["kind"][];
const PRIORITIES = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/** What kind of work it is and how urgent: a click changes either. */
export function Marks({ task }: { task: Task }) {
  const mark = useMark(task);
  return (
    <>
      <Menu position="bottom-start">
        <Menu.Target>
          <UnstyledButton className={styles.mark} aria-label={`Kind: ${task.kind}`}>
            <Tag>{task.kind}</Tag>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {KINDS.map((kind) => (
            <Menu.Item key={kind} disabled={kind === task.kind} onClick={() => mark.mutate({ kind })}>
              {kind}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-start">
        <Menu.Target>
          <UnstyledButton className={styles.mark} aria-label={`P${task.priority}: priority ${task.priority} of 10`}>
            <Tag title={`Priority ${task.priority} of 10`}>P{task.priority}</Tag>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {PRIORITIES.map((priority) => (
            <Menu.Item key={priority} disabled={priority === task.priority} onClick={() => mark.mutate({ priority })}>
              {priority}
              {priority === 10 ? " · first of all" : priority === 1 ? " · last of all" : ""}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
