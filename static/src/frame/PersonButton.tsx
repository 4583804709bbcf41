import { ActionIcon, type ActionIconProps } from "@mantine/core";
import type { ComponentProps } from "react";

export function PersonButton(props: ActionIconProps & Pick<ComponentProps<"button">, "onClick" | "ref">) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label="Look, bugs and session" {...props}>
      <Dots />
    </ActionIcon>
  );
}

function Dots() {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
      <circle cx="3" cy="8" r="1.4" />
      <circle cx="8" cy="8" r="1.4" />
      <circle cx="13" cy="8" r="1.4" />
    </svg>
  );
}
