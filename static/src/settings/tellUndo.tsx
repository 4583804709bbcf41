import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { tellDone, tellProblem } from "../problem/tell";

const SHOWN_MS = 12_000;

/** Says that something is saved, with the way back beside it; then `done`, that it was taken. The place it was saved at
 * may be gone or drawn anew by then: so promises, as what is said to `mutate` is forgotten with its component. */
export function tellUndo(message: string, undo: () => Promise<unknown>, done?: string): void {
  const id = `undo-${Date.now()}`;
  const back = () => {
    notifications.hide(id);
    undo().then(() => done !== undefined && tellDone(done), tellProblem);
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
