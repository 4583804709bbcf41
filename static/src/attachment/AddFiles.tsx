import { Button, FileButton } from "@mantine/core";
import { useRef } from "react";

/** The way for who neither drops nor pastes. */
export function AddFiles({ add, busy = false }: { add: (files: File[]) => void; busy?: boolean }) {
  const forget = useRef<() => void>(null);
  const take = (files: File[]) => {
    add(files);
    forget.current?.(); // else a browser tells nothing of a file that is chosen again
  };
  return (
    <FileButton multiple onChange={take} resetRef={forget}>
      {(props) => (
        <Button size="compact-xs" variant="default" loading={busy} {...props}>
          Add files
        </Button>
      )}
    </FileButton>
  );
}
