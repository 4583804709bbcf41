import { Button, Group } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { ProviderFields } from "./ProviderFields";
import { NEW } from "./provider";
import { useAddProvider, useTry } from "./providers";
import styles from "./Settings.module.css";
import { Tried } from "./Tried";

/** An address of one's own: llama.cpp, vLLM, another Ollama, a company's gateway. */
export function AddProvider({ close }: { close: () => void }) {
  const [draft, setDraft] = useState(NEW);
  const add = useAddProvider();
  const test = useTry();
  const whole = draft.name.trim() !== "" && draft.url.trim() !== "";
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    add.mutate(draft, {
      onSuccess: ({ provider, tested }) => {
        tellDone(`${provider.name} is saved. ${tested.sentence}`);
        close();
      },
    });
  };
  return (
    <form className={styles.row} onSubmit={send} aria-label="Add an address">
      <ProviderFields kind="new" draft={draft} change={setDraft} />
      {test.isError && <ProblemNote error={test.error} />}
      {test.data && <Tried tried={test.data} />}
      {add.isError && <ProblemNote error={add.error} />}
      <Group gap="xs">
        <Button type="submit" disabled={!whole} loading={add.isPending}>
          Save and test
        </Button>
        <Button variant="default" disabled={!whole} loading={test.isPending} onClick={() => test.mutate(draft)}>
          Only test
        </Button>
        <Button variant="subtle" onClick={close}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
