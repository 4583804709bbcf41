import { Button, Group } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { asProblem } from "../api/problem";
import type { Provider, ProviderTried } from "../api/types";
import { Meanwhile } from "../draft/Meanwhile";
import { withMine } from "../draft/merge";
import { ProblemNote } from "../problem/ProblemNote";
import { ProviderFields } from "./ProviderFields";
import { draftOf, patchOf } from "./provider";
import { useSaveProvider, useTry, useUndoProvider } from "./providers";
import styles from "./Settings.module.css";
import { tellUndo } from "./tellUndo";
import { Tried } from "./Tried";

/** Saved, then tested: what came of it stays here until it is closed. */
export function EditProvider({ provider, close }: { provider: Provider; close: () => void }) {
  const [base, setBase] = useState(provider);
  const [draft, setDraft] = useState(() => draftOf(provider));
  const [told, setTold] = useState<ProviderTried | null>(null);
  const save = useSaveProvider(provider.name);
  const test = useTry();
  const undo = useUndoProvider(provider.name);
  const patch = patchOf(base, draft);
  const overtaken = !save.isPending && provider.version > base.version; // while it is saved the newer one is one's own
  const take = (mine: boolean) => {
    save.reset();
    setDraft(mine ? withMine(draftOf(base), draft, draftOf(provider)) : draftOf(provider));
    setBase(provider);
  };
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (patch === null || overtaken) return;
    test.reset();
    setTold(null);
    save.mutate(patch, {
      onSuccess: ({ provider: now, tested }) => {
        tellUndo(
          `${now.name} is saved. ${tested.sentence}`,
          () => undo.mutateAsync(now.version),
          `${now.name} is as it was before; keys do not come back.`,
        );
        if (tested.ok) {
          close();
          return;
        }
        setBase(now);
        setDraft(draftOf(now));
        setTold(tested);
      },
    });
  };
  return (
    <form className={styles.means} onSubmit={send} aria-label={`Edit ${provider.name}`}>
      <ProviderFields
        kind={provider.kind}
        draft={draft}
        change={setDraft}
        hasKey={provider.has_key}
        fixed={provider.name === "groq"}
      />
      {test.isError && <ProblemNote error={test.error} />}
      {(test.data ?? told) && <Tried tried={(test.data ?? told) as ProviderTried} />}
      {save.isError && asProblem(save.error).status !== 409 && <ProblemNote error={save.error} />}
      {overtaken && (
        <Meanwhile mine={() => take(true)} theirs={() => take(false)}>
          It was changed meanwhile. Now: <code>{provider.url}</code>. Yours, not saved: <code>{draft.url}</code>.
        </Meanwhile>
      )}
      <Group gap="xs">
        <Button type="submit" disabled={patch === null || overtaken} loading={save.isPending}>
          Save and test
        </Button>
        <Button variant="default" loading={test.isPending} onClick={() => test.mutate(draft)}>
          Only test
        </Button>
        <Button variant="subtle" onClick={close}>
          Close
        </Button>
      </Group>
    </form>
  );
}
