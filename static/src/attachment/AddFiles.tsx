import { Button, FileButton } from "@mantine/core";

/** The way for who neither drops nor pastes. */
export function AddFiles({ add, busy = false }: { add: (files: File[]) => void; busy?: boolean }) {
  return (
    <FileButton multiple onChange={add}>
      {(props) => (
        <Button size="compact-xs" variant="default" loading={busy} {...props}>
          Add files
        </Button>
      )}
    </FileButton>
  );
}
