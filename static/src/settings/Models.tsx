import { Button, Skeleton } from "@mantine/core";
import { useState } from "react";
import { linkTo, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { AddProvider } from "./AddProvider";
import { ProjectModels } from "./ProjectModels";
import { useProviders } from "./providers";
import { ProviderRow } from "./ProviderRow";
import { SettingGroup } from "./SettingGroup";
import styles from "./Settings.module.css";

/** Who answers, with which keys, and who is asked first. */
export default function Models() {
  const place = usePlace();
  const providers = useProviders();
  const [adding, setAdding] = useState(false);
  return (
    <div className={styles.section}>
      <h1 className={styles.title}>Models and keys</h1>
      <SettingGroup names={["default_model", "offline"]} />
      <div className={styles.bar}>
        <h2 className={styles.heading}>Providers</h2>
        <Button variant="default" onClick={() => setAdding(true)} disabled={adding}>
          Add an address
        </Button>
      </div>
      <p className={styles.lead}>
        What is set here wins over the environment, holds from the next call on, and is tested as it is saved. A key is
        written, used, and never shown again.
      </p>
      {adding && <AddProvider close={() => setAdding(false)} />}
      {providers.isPending && <Skeleton height={300} radius={8} />}
      {providers.isError && <ProblemNote error={providers.error} again={() => void providers.refetch()} />}
      <ul className={styles.rows}>
        {providers.data?.map((provider) => (
          <li key={provider.name}>
            <ProviderRow provider={provider} />
          </li>
        ))}
      </ul>
      <h2 className={styles.heading}>Who is asked, in which order</h2>
      <p className={styles.lead}>
        A task&apos;s choice comes first, then its request&apos;s, its project&apos;s for the role, the role&apos;s own
        (<a {...linkTo(place, { view: "roles", section: null })}>Roles and prompts</a>), then the default model.
      </p>
      <ProjectModels />
    </div>
  );
}
