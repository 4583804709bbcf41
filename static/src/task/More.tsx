import { ActionIcon, Menu } from "@mantine/core";
import { useState } from "react";
import type { Task } from "../api/types";
import { part } from "../part/part";
import { type Asked, WayItems } from "../restore/WayItems";
import { CancelDialog } from "./CancelDialog";
import { MoveDialog } from "./MoveDialog";

const GoBack = part(() => import("../restore/GoBack"));

type Asking = { what: "move" } | { what: "cancel" } | { what: "back"; way: Asked };

/** What is done to a task now and then, beside its close button. */
export function More({ task }: { task: Task }) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const [times, setTimes] = useState(0);
  const [opened, setOpened] = useState(false);
  const ask = (now: Asking) => {
    setAsking(now);
    setTimes(times + 1); // each time a dialog of its own
    setOpened(true);
  };
  const close = () => setOpened(false);
  const over = task.state === "done" || task.state === "cancelled";
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label="More to do with the task" title="More">
            ⋯
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => ask({ what: "move" })}>Move to another stage …</Menu.Item>
          <WayItems task={task} ask={(way) => ask({ what: "back", way })} />
          {!over && <Menu.Item onClick={() => ask({ what: "cancel" })}>Give it up …</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {asking?.what === "move" && <MoveDialog key={times} task={task} opened={opened} close={close} />}
      {asking?.what === "cancel" && <CancelDialog key={times} task={task} opened={opened} close={close} />}
      {asking?.what === "back" && <GoBack key={times} task={task} {...asking.way} opened={opened} close={close} />}
    </>
  );
}
