import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";

const SHOWN_MS = 12_000;

/** Says that something is saved, with the way back beside it. */
export function tellUndo(message: string, undo: () => void): void {
  const id = `undo-${Date.now()}`;
  const back = () => {
    notifications.hide(id);
    undo();
  };
  notifications.show({
    id,
    autoClose: SHOWN_MS,
    message: (
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <span>{message}</span>
        <Button size="compact-xs" variant="default" onClick={back}>
          Undo
        </Button>
      </Group>
    ),
  });
}
