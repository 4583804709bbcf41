import { Button, Skeleton } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import type { Tracker, TrackerSignIn } from "../api/types";
import { useNow } from "../clock/useNow";
import { ago } from "../clock/words";
import { ProblemNote } from "../problem/ProblemNote";
import { tellDone } from "../problem/tell";
import { Option } from "./Option";
import { useReplaceToken, useSignIn, useSignIns, useTrackers } from "./queries";
import { TokenForm } from "./TokenForm";
import styles from "./Tracker.module.css";
import { toStep, TrackerTrouble } from "./TrackerTrouble";
import type { StepProps } from "./Wizard";

/** Whose account is used: one that is kept, or a new token. */
export function SignInStep(props: StepProps) {
  const trackers = useTrackers();
  const signIns = useSignIns();
  const failed = [trackers, signIns].find(({ isError }) => isError);
  if (failed) return <ProblemNote error={failed.error} again={() => void failed.refetch()} />;
  const tracker = trackers.data?.find(({ name }) => name === props.draft.provider);
  if (tracker === undefined || signIns.data === undefined)
    return <Skeleton height={160} radius={8} aria-label="Loading" />;
  const mine = signIns.data.filter(({ provider }) => provider === tracker.name);
  return <Choice {...props} tracker={tracker} mine={mine} />;
}

function Choice({ draft, set, tracker, mine }: StepProps & { tracker: Tracker; mine: TrackerSignIn[] }) {
  const now = useNow(60);
  const [adding, setAdding] = useState(false);
  const [renewing, setRenewing] = useState(false);
  const chosen = mine.find(({ id }) => id === draft.credential);
  const next = (event: SyntheticEvent) => {
    event.preventDefault();
    if (chosen) toStep("theirs");
  };
  if (mine.length === 0 || adding)
    return <Add tracker={tracker} set={set} cancel={mine.length > 0 ? () => setAdding(false) : undefined} />;
  return (
    <>
      <form onSubmit={next} className={styles.form}>
        <fieldset className={styles.options}>
          <legend className="wf-hidden">Sign-in</legend>
          {mine.map(({ id, label, used_at }) => (
            <Option
              key={id}
              group="sign-in"
              value={String(id)}
              chosen={id === draft.credential}
              choose={() => {
                set({ credential: id });
                setRenewing(false);
              }}
              name={label}
            >
              {used_at === null ? "Not used yet" : `Used ${ago(used_at, now)}`}
            </Option>
          ))}
        </fieldset>
        <p className={styles.acts}>
          <Button type="submit" disabled={!chosen}>
            Next
          </Button>
          <Button variant="default" onClick={() => setAdding(true)}>
            Another token
          </Button>
          {chosen && !renewing && (
            <Button variant="subtle" onClick={() => setRenewing(true)}>
              Replace the token of {chosen.label}
            </Button>
          )}
        </p>
      </form>
      {chosen && renewing && (
        <Renew key={chosen.id} tracker={tracker} signIn={chosen} close={() => setRenewing(false)} />
      )}
    </>
  );
}

function Add({
  tracker,
  set,
  cancel,
}: Pick<StepProps, "set"> & { tracker: Tracker; cancel: (() => void) | undefined }) {
  const signIn = useSignIn(({ id, account_name }) => {
    set({ credential: id });
    tellDone(`Signed in as ${account_name}.`);
    toStep("theirs");
  });
  return (
    <TokenForm
      tracker={tracker}
      named
      pending={signIn.isPending}
      cancel={cancel}
      send={(typed) => signIn.mutate({ provider: tracker.name, ...typed })}
    >
      {signIn.isError && <TrackerTrouble error={signIn.error} at="sign-in" />}
    </TokenForm>
  );
}

export function Renew({ tracker, signIn, close }: { tracker: Tracker; signIn: TrackerSignIn; close: () => void }) {
  const replace = useReplaceToken(signIn.id);
  return (
    <TokenForm
      tracker={tracker}
      named={false}
      pending={replace.isPending}
      cancel={close}
      send={({ token }) =>
        replace.mutate(token, {
          onSuccess: ({ account_name }) => {
            tellDone(`The new token is ${account_name}'s, and is kept.`);
            close();
          },
        })
      }
    >
      {replace.isError && <TrackerTrouble error={replace.error} at="sign-in" />}
    </TokenForm>
  );
}
