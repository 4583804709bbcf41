import { Button, Skeleton } from "@mantine/core";
import { useState } from "react";
import type { Tracker, TrackerSignIn, TrackerTie } from "../api/types";
import { useNow } from "../clock/useNow";
import { ago, clock } from "../clock/words";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { useProjects } from "../project/queries";
import settings from "../settings/Settings.module.css";
import { useSignIns, useTestToken, useTies, useTrackers } from "./queries";
import { Renew } from "./SignInStep";
import { SignOut } from "./SignOut";
import { Ties } from "./Ties";
import tracked from "./Tracker.module.css";
import { TrackerTrouble } from "./TrackerTrouble";
import { tieWords } from "./words";

/** The tokens of outside trackers: tested, replaced, thrown away. */
export default function SignIns() {
  const place = usePlace();
  const trackers = useTrackers();
  const signIns = useSignIns();
  const ties = useTies();
  const names = new Map(useProjects().data?.map(({ id, name }) => [id, name]));
  const failed = [trackers, signIns, ties].find(({ isError }) => isError);
  const cut = ties.data?.filter(({ credential_id }) => credential_id === null) ?? [];
  return (
    <div className={settings.section}>
      <div className={settings.bar}>
        <h1 className={settings.title}>Outside trackers</h1>
        <Button component="a" variant="default" {...linkTo(place, { view: "import", section: null })}>
          Import tasks
        </Button>
      </div>
      <p className={settings.lead}>
        Where tasks are brought in from. A token is tested, kept encrypted, and never shown again.
      </p>
      {failed && <ProblemNote error={failed.error} again={() => void failed.refetch()} />}
      {!failed && (!signIns.data || !trackers.data) && <Skeleton height={120} radius={8} aria-label="Loading" />}
      {signIns.data?.length === 0 && (
        <p className={settings.hint}>You are signed in to no tracker. The import begins with that.</p>
      )}
      <ul className={settings.rows} aria-label="Where you are signed in">
        {signIns.data?.map((signIn) => {
          const tracker = trackers.data?.find(({ name }) => name === signIn.provider);
          const own = ties.data?.filter(({ credential_id }) => credential_id === signIn.id) ?? [];
          return (
            tracker && (
              <li key={signIn.id}>
                <Row signIn={signIn} tracker={tracker} ties={own} names={names} />
              </li>
            )
          );
        })}
      </ul>
      {cut.length > 0 && (
        <div className={settings.row}>
          <p>Nothing comes any more from these: their token was thrown away. Import again to tie them anew.</p>
          <Ties label="Tied without a token" ties={cut} names={names} />
        </div>
      )}
    </div>
  );
}

interface RowProps {
  signIn: TrackerSignIn;
  tracker: Tracker;
  ties: TrackerTie[];
  /** Our projects' names by their ids. */
  names: ReadonlyMap<number, string>;
}

function Row({ signIn, tracker, ties, names }: RowProps) {
  const [asking, setAsking] = useState<"token" | "out" | null>(null);
  const test = useTestToken(signIn.id);
  const now = useNow(60);
  const { label, created_at, used_at } = signIn;
  const whose = <span className="wf-hidden"> {`${tracker.title} ${label}`}</span>;
  return (
    <section className={settings.row} aria-label={`${tracker.title} ${label}`}>
      <div className={settings.head}>
        <h2 className={settings.name}>
          {tracker.title} · {label}
        </h2>
        <span className={settings.acts}>
          <Button size="compact-xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            Test{whose}
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            aria-expanded={asking === "token"}
            onClick={() => setAsking(asking === "token" ? null : "token")}
          >
            New token{whose}
          </Button>
          <Button size="compact-xs" variant="default" color="red" onClick={() => setAsking("out")}>
            Throw away{whose}
          </Button>
        </span>
      </div>
      <p className={settings.source}>
        Stored <time dateTime={created_at}>{clock(created_at)}</time> ·{" "}
        {used_at === null ? "not used yet" : `used ${ago(used_at, now)}`}
      </p>
      {ties.length > 0 && <Ties label="What depends on it" ties={ties} names={names} />}
      {test.isSuccess && (
        <p className={settings.tried} data-ok="true" role="status">
          It holds: it is the token of {test.data.name}
          {test.data.email && ` (${test.data.email})`}.
        </p>
      )}
      {test.isError && <TrackerTrouble error={test.error} at="sign-in" />}
      {asking === "token" && (
        <div className={`${settings.means} ${tracked.renew}`}>
          <Renew tracker={tracker} signIn={signIn} close={() => setAsking(null)} />
        </div>
      )}
      {asking === "out" && (
        <SignOut signIn={signIn} depends={ties.map((tie) => tieWords(tie, names))} close={() => setAsking(null)} />
      )}
    </section>
  );
}
