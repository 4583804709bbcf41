import { Button, Group, Modal, Stack } from "@mantine/core";
import type { Provider } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { useRevoke } from "./providers";
import styles from "./Settings.module.css";
import { usedByWords } from "./words";

/** What is stored of a provider goes; what depends on it is said before. */
export function Revoke({ provider, close }: { provider: Provider; close: () => void }) {
  const revoke = useRevoke(provider.name);
  const { name, kind, used_by: uses, key_source } = provider;
  const gone = kind === "named" && provider.environment_url === null;
  const done = () => {
    tellDone(gone ? `${name} is gone.` : `${name} is what the environment says.`);
    close();
  };
  return (
    <Modal opened onClose={close} title={gone ? `Take ${name} away?` : `Take back what is set of ${name}?`}>
      <Stack gap="sm">
        <p>
          {key_source === "stored" ? "Its key is thrown away for good: no undo brings it back. " : ""}
          {gone ? "None of its models can be asked any more." : "What the environment says of it holds again."}
        </p>
        {uses.length > 0 && (
          <>
            <p>These are set to its models, and ask the next one in their order, or fail:</p>
            <ul className={styles.uses}>
              {uses.map((use) => (
                <li key={`${use.kind}${use.id}${use.name}`}>{usedByWords(use)}</li>
              ))}
            </ul>
          </>
        )}
        {revoke.isError && <ProblemNote error={revoke.error} />}
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          <Button color="red" loading={revoke.isPending} onClick={() => revoke.mutate(true, { onSuccess: done })}>
            {uses.length > 0 ? "Take it away all the same" : "Take it away"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
