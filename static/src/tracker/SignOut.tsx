import { Button, Group, Modal, Stack } from "@mantine/core";
import type { TrackerSignIn } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import settings from "../settings/Settings.module.css";
import { useSignOut } from "./queries";

interface Props {
  signIn: TrackerSignIn;
  /** "The shop into Till". */
  depends: string[];
  close: () => void;
}

/** The token goes for good; what brings tasks in with it is said before. */
export function SignOut({ signIn, depends, close }: Props) {
  const out = useSignOut(signIn.id, () => {
    tellDone(`The token ${signIn.label} is thrown away.`);
    close();
  });
  return (
    <Modal opened onClose={close} title={`Throw the token ${signIn.label} away?`}>
      <Stack gap="sm">
        <p>It is thrown away for good; the tracker may know it still. What was imported stays.</p>
        {depends.length > 0 && (
          <>
            <p>No more comes from these until you sign in and tie them anew:</p>
            <ul className={settings.uses}>
              {depends.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          </>
        )}
        {out.isError && <ProblemNote error={out.error} />}
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          <Button color="red" loading={out.isPending} onClick={() => out.mutate()}>
            Throw it away
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
