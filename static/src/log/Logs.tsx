import { Skeleton, Tabs } from "@mantine/core";
import { useCommand } from "../command/useCommand";
import { go, usePlace } from "../place/usePlace";
import { ProblemNote } from "../problem/ProblemNote";
import { LogReader } from "./LogReader";
import styles from "./Logs.module.css";
import { useLogs } from "./queries";
import { nameOf, sizeWords } from "./words";

/** What each process of the hub says: a tab each, and one for the calls of models. */
export default function Logs() {
  const { data: logs, error, isPending, refetch } = useLogs();
  const named = usePlace().log;
  const chosen = logs?.find(({ name }) => name === named) ?? logs?.[0];
  const step = (by: number) => {
    if (logs === undefined || chosen === undefined) return;
    const at = (logs.indexOf(chosen) + by + logs.length) % logs.length;
    go({ log: logs[at]?.name ?? null }, "replace");
  };
  useCommand({ words: "Next log", group: "Logs", keys: "]", run: () => step(1) });
  useCommand({ words: "Previous log", group: "Logs", keys: "[", run: () => step(-1) });
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Logs</h1>
      {isPending && <Skeleton height={34} radius={8} />}
      {error !== null && logs === undefined && <ProblemNote error={error} again={() => void refetch()} />}
      {logs !== undefined && chosen !== undefined && (
        <Tabs
          className={styles.tabs}
          value={chosen.name}
          onChange={(name) => go({ log: name }, "replace")}
          keepMounted={false}
        >
          <Tabs.List className={styles.list} aria-label="Logs">
            {logs.map(({ name, bytes }) => (
              <Tabs.Tab key={name} value={name}>
                {nameOf(name)} <span className={styles.size}>{bytes > 0 ? sizeWords(bytes) : "empty"}</span>
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {logs.map((log) => (
            <Tabs.Panel key={log.name} value={log.name} className={styles.panel}>
              <LogReader log={log} />
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
    </div>
  );
}
