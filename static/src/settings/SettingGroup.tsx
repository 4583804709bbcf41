import { Skeleton } from "@mantine/core";
import type { SettingName } from "../api/types";
import { ProblemNote } from "../problem/ProblemNote";
import { useSettings } from "./queries";
import { SettingRow } from "./SettingRow";
import styles from "./Settings.module.css";

/** Some of the hub's settings, each saved by itself. */
export function SettingGroup({ names }: { names: SettingName[] }) {
  const settings = useSettings();
  if (settings.isPending) return <Skeleton height={90 * names.length} radius={8} />;
  if (settings.isError) return <ProblemNote error={settings.error} again={() => void settings.refetch()} />;
  const { version, settings: all } = settings.data;
  return (
    <div className={styles.rows}>
      {names.map((name) => {
        const setting = all.find((one) => one.name === name);
        return setting && <SettingRow key={name} setting={setting} version={version} />;
      })}
    </div>
  );
}
